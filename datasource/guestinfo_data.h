/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VMware's guestinfo keys as a payload: cloud-init's (metadata, userdata, vendordata), RancherOS'
 * and CoreOS' (hostname, interface.N.…, dns.…, cloud-init.config.data).
 */
#pragma once

#include "datasource/datasource.h"
#include "datasource/guestinfo.h"
#include "lib/attr.h"

/* All of it. -ENODATA when no key has a value. `fallback_id` is the instance id when the metadata
 * have none. */
int guestinfo_data_read(const struct guestinfo *g, const struct datasource_ctx *c,
			const char *fallback_id, struct datasource_payload *ret,
			struct error *err) MUST_CHECK;
