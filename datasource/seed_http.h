/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A NoCloud seed at an HTTP address.
 */
#pragma once

#include "datasource/datasource.h"
#include "lib/attr.h"
#include "lib/error.h"

/* meta-data and user-data must be there, vendor-data and network-config may. A server that is not
 * up yet is asked again until the context's deadline. */
int seed_http(const struct datasource_ctx *c, const char *seedfrom, struct datasource_payload *ret,
	      struct error *err) MUST_CHECK;
