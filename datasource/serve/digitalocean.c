/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DigitalOcean's metadata service.
 */
#include <stddef.h>

#include "datasource/serve/dialect.h"

static const struct serve_document documents[] = {
	{ "/metadata/v1.json",
	  "{\"droplet_id\": ${id:number}, \"hostname\": ${local-hostname}, \"region\": ${region}, "
	  "\"user_data\": ${user-data}, \"vendor_data\": ${vendor-data}, \"public_keys\": "
	  "${keys:list}, \"interfaces\": {\"public\": [{\"mac\": ${mac}, \"type\": \"public\", "
	  "\"ipv4\": {\"ip_address\": ${public-ipv4}, \"netmask\": ${netmask}, \"gateway\": "
	  "${gateway}}}]}, \"dns\": {\"nameservers\": []}}",
	  true },
	{ "/metadata/v1/hostname", "${local-hostname}", false },
	{ "/metadata/v1/id", "${id:number}", false },
	{ "/metadata/v1/region", "${region}", false },
	{ "/metadata/v1/user-data", "${user-data}", false },
	{ "/metadata/v1/vendor-data", "${vendor-data}", false },
	{ NULL, NULL, false },
};

const struct serve_dialect serve_digitalocean = { .name = "digitalocean", .documents = documents };
