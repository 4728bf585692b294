/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The dialects, in the order in which paths are looked up.
 */
#include "datasource/serve/dialect.h"

#include <stddef.h>

const struct serve_dialect *const serve_dialects[] = {
	&serve_nocloud, &serve_gce, &serve_openstack, &serve_azure, &serve_digitalocean,
	&serve_ec2,     NULL,
};
