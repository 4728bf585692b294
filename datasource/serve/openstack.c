/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OpenStack's metadata service. (network_data.json, which is of its own kind, is a file of the
 * folder: http/openstack/latest/network_data.json.)
 */
#include <stddef.h>

#include "datasource/serve/dialect.h"

static const struct serve_document documents[] = {
	{ "/openstack/*/meta_data.json",
	  "{\"uuid\": ${id:uuid}, \"name\": ${local-hostname}, \"hostname\": ${local-hostname}, "
	  "\"availability_zone\": ${availability-zone}, \"launch_index\": 0, \"public_keys\": "
	  "${keys:map}, \"keys\": ${keys:openstack}, \"meta\": {}}",
	  true },
	{ "/openstack/*/user_data", "${user-data}", false },
	{ "/openstack/*/vendor_data.json", "{\"cloud-init\": ${vendor-data}}", true },
	{ "/openstack/*/vendor_data2.json", "{}", true },
	{ NULL, NULL, false },
};

static const char *const versions[] = { "2012-08-10", "2013-04-04", "2013-10-17", "2015-10-15",
					"2016-06-30", "2016-10-06", "2017-02-22", "2018-08-27",
					"latest",     NULL };

const struct serve_dialect serve_openstack = { .name = "openstack",
					       .documents = documents,
					       .versions_at = "/openstack/",
					       .versions = versions };
