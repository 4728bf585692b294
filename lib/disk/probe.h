/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is on a block device or image file: type, label, UUID (libblkid's low-level probing; no
 * cache, no udev). The only file that includes libblkid.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/error.h"

struct probe {
	char path[64];  /* "/dev/vda1" */
	char type[32];  /* "ext4", "iso9660", "vfat", "swap", "crypto_LUKS"; "": nothing is known */
	char label[128];
	char uuid[64];
	char partlabel[128];
	char partuuid[64];
	uint64_t size;  /* bytes */
};

/* Probe one device (or a file). Nothing recognised is no error: type is "". */
int probe_device(int root, const char *path, struct probe *ret, struct error *err) MUST_CHECK;
/* Call fn for every block device of /sys/class/block (below root "/": loop, ram and zram without
 * backing are left out; below a --root: the plain files in ROOT/dev), until it returns false. */
int probe_each(int root, bool (*fn)(void *arg, const struct probe *p), void *arg, struct error *err)
	MUST_CHECK;
/* Find by LABEL=x, UUID=x, PARTLABEL=x, PARTUUID=x or /dev/x; labels compare exactly, or without
 * regard to case with `fold`. -ENODATA when there is none. */
int probe_find(int root, const char *spec, bool fold, struct probe *ret, struct error *err)
	MUST_CHECK;
