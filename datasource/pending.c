/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Datasources that are known by name and cannot be fetched yet. A driver's file takes its row away
 * from here.
 */
#include <errno.h>

#include "datasource/datasource.h"

static int fetch(const struct datasource_ctx *c, struct datasource_payload *ret, struct error *err)
{
	(void)c;
	(void)ret;
	return error_set(err, ENOTSUP, "it cannot be fetched yet");
}

#define PENDING(source, network)                             \
	extern const struct datasource datasource_##source; \
	const struct datasource datasource_##source = { .name = #source, .needs_network = network, \
							.fetch = fetch }

PENDING(azure, true);
PENDING(openstack, true);
PENDING(digitalocean, true);
PENDING(hetzner, true);
PENDING(scaleway, true);
PENDING(vultr, true);
PENDING(oracle, true);
PENDING(aliyun, true);
PENDING(exoscale, true);
PENDING(cloudstack, true);
PENDING(akamai, true);
PENDING(upcloud, true);
PENDING(packet, true);
PENDING(tftp, true);
