/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which partition is meant by a disk or a directory. (Growing it is lib/disk/grow.h.)
 */
#pragma once

#include <stdbool.h>

#include "lib/attr.h"
#include "lib/error.h"

struct growth {
	char part[64]; /* "/dev/vda2", or a disk without a table */
	char disk[64]; /* "/dev/vda"; "" when part is no partition */
};

/* From /sys/class/block below root. `name` is a partition, or a disk, whose last partition is
 * meant. */
int growth_look(int root, const char *name, struct growth *ret, struct error *err) MUST_CHECK;
/* The device that is mounted at dir by the text of /proc/self/mountinfo; false when it is none.
 * Pure.
 */
bool growth_mounted(const char *mountinfo, const char *dir, char ret[64]);
/* Whether the device is mounted anywhere. Pure. */
bool growth_is_mounted(const char *mountinfo, const char *device);
/* A device at whose beginning nothing is: to set it up costs nobody anything. False when it cannot
 * be read. */
bool growth_is_blank(int root, const char *path);
/* A whole disk that holds something which no probe knows: a table of partitions, or only bytes. A
 * partition is never used in this sense, but by a name of its own (/dev/disk/by-id) it may be. */
bool growth_is_used(int root, const char *path);
