/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A new state that is mounted for a moment, for files that are too large to be handed over: all
 * else is written without mounting anything (lib/disk/mkfs.h). Needs root.
 */
#pragma once

#include "lib/attr.h"
#include "lib/disk/mkfs.h"
#include "lib/error.h"

/* Whether this user may, and this machine has what it takes. */
int visit_check(struct error *err) MUST_CHECK;
/* Call fn with the directory at which the ext4 `at` is mounted; what it wrote is on the disk when
 * this returns. */
int visit_state(const struct mkfs_place *at,
		int (*fn)(void *arg, const char *dir, struct error *err), void *arg,
		struct error *err) MUST_CHECK;
