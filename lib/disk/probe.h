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

/* The label of a FAT that is RANCHER_BOOT, which has one character too many; a probe's label says
 * RANCHER_BOOT for it. */
#define PROBE_FAT_BOOT "RANCHERBOOT"

struct probe {
	char path[64];  /* "/dev/vda1" */
	char type[32];  /* "ext4", "iso9660", "vfat", "swap", "crypto_LUKS"; "": nothing is known */
	char label[128];
	char uuid[64];
	char partlabel[128];
	char partuuid[64];
	uint64_t size;  /* bytes */
};

/* A disk and what lies on it. */
#define PROBE_PARTS 32

struct probe_part {
	unsigned number;
	uint64_t start;  /* bytes */
	struct probe fs; /* its path is empty, its size the partition's */
};

struct probe_disk {
	struct probe whole; /* a file system, RAID member, … over the whole disk */
	char table[16];     /* "gpt", "dos", … as libblkid calls it; "": there is none */
	unsigned sector;    /* bytes of a logical sector; 512 for a plain file */
	bool read_only;
	bool is_file;
	struct probe_part parts[PROBE_PARTS];
	size_t n;           /* of parts; further ones are left out */
};

/* Look at a disk (or image file), its table and what is in each partition, without the kernel's
 * knowing of partitions: works on plain files. `name` is for messages. */
int probe_disk(int fd, const char *name, struct probe_disk *ret, struct error *err) MUST_CHECK;
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
