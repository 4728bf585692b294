/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making file systems at a place of a disk or image file, by the programs of dosfstools and
 * e2fsprogs: nothing is mounted, so it works unprivileged on plain files.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/error.h"

struct mkfs_place {
	const char *path;     /* of the whole disk or file */
	uint64_t start, size; /* bytes; whole MiB */
	unsigned sector;      /* bytes of a logical sector */
};

/* FAT32 with this label (at most 11 characters) and serial number. */
int mkfs_fat(const struct mkfs_place *at, const char *label, struct error *err) MUST_CHECK;
/* ext4 with this label, empty. */
int mkfs_ext4(const struct mkfs_place *at, const char *label, struct error *err) MUST_CHECK;
/* An ext4 that is not mounted forgets that it ever was. */
int mkfs_ext4_unused(const struct mkfs_place *at, struct error *err) MUST_CHECK;
/* Put a file into an ext4 that is not mounted: it and the directories that it lacks belong to root,
 * directories have mode 0755. What was there under that name is replaced. */
int mkfs_ext4_put(const struct mkfs_place *at, const char *path, const void *data, size_t len,
		  unsigned mode, struct error *err) MUST_CHECK;
