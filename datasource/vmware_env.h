/* SPDX-License-Identifier: Apache-2.0 */
/*
 * guestinfo in the environment of PID 1, as containers get it and as a --root shows it:
 * VMX_GUESTINFO_METADATA is guestinfo.metadata, VMX_GUESTINFO_METADATA_ENCODING its encoding, and
 * so on for every key (capitals; what is no letter or digit is "_").
 */
#pragma once

#include <stdbool.h>

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/error.h"

#define VMWARE_ENV_MAX (4u << 20)

/* Read it below root; false when it has no such variable. */
bool vmware_env_load(int root, struct buf *ret);
/* struct guestinfo's get: `arg` is the buffer that was loaded. */
int vmware_env_get(void *arg, const char *key, struct buf *ret, struct error *err) MUST_CHECK;
