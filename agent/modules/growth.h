/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Room for growth: where a partition lies on its disk, and how much of a device its file system
 * uses.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/error.h"

/* Less than this is what tables and alignment leave over. */
#define GROWTH_LEAST (2u << 20)

struct growth {
	char part[64];	 /* "/dev/vda2", or a disk without a table */
	char disk[64];	 /* "/dev/vda"; "" when part is no partition */
	unsigned number; /* of the partition */
	uint64_t behind; /* free bytes between it and the disk's end; 0 when it is not the last */
};

/* From /sys/class/block below root. `name` is a partition, or a disk, whose last partition is
 * meant. */
int growth_look(int root, const char *name, struct growth *ret, struct error *err) MUST_CHECK;
/* The device that is mounted at dir by the text of /proc/self/mountinfo; false when it is none.
 * Pure.
 */
bool growth_mounted(const char *mountinfo, const char *dir, char ret[64]);
/* Bytes of an ext2/3/4 file system by its superblock (1024 bytes, from offset 1024 of the device);
 * 0 when it is none. Pure. */
uint64_t growth_ext_size(const uint8_t *superblock);
