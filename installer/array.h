/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RAID1 over the state partitions of two disks, whose tables are not written yet: a loop device at
 * each place, and an array of both.
 */
#pragma once

#include <stdint.h>

#include "lib/attr.h"
#include "lib/disk/mkfs.h"
#include "lib/error.h"

#define ARRAY_MEMBERS 2

struct array {
	char loop[ARRAY_MEMBERS][64]; /* "": there is none */
	char path[32];                /* "/dev/md100"; "": it does not run */
	uint64_t size;
};

/* Whether this machine and this user can make one. */
int array_check(struct error *err) MUST_CHECK;
/* Make and start it; the caller calls array_stop() whatever is returned. Needs root. */
int array_make(const struct mkfs_place at[ARRAY_MEMBERS], struct array *ret,
	       struct error *err) MUST_CHECK;
/* All that was written is on its way to the disks, and the devices are gone. Does nothing to what
 * does not run. */
int array_stop(struct array *a, struct error *err) MUST_CHECK;
