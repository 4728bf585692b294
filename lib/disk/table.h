/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Partition tables, of disks and of plain image files, by libparted. It is opened with dlopen on
 * first use, so that a `ros` process which touches no table does not map it.
 *
 * Places and sizes are bytes. Nothing here asks the kernel to look at the table again but
 * table_tell_kernel() and table_grow().
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/error.h"

enum table_kind { TABLE_GPT, TABLE_MSDOS };

/* What a partition is for: its type, and the marks that firmwares look for. */
enum table_use {
	TABLE_BOOT,  /* FAT: the ESP, which BIOS boot code finds too */
	TABLE_LINUX, /* a Linux file system */
};

struct table_part {
	const char *name; /* of a GPT; msdos has no names */
	enum table_use use;
	uint64_t start, size;
	bool legacy; /* BIOS boots from it: legacy_boot, or active */
	bool esp;    /* UEFI boots from it (GPT) */
};

#define TABLE_PARTS 8

/* Write a fresh table with these partitions, in one go, in place of whatever was there; synced. The
 * boot code of sector 0 is kept. */
int table_write(const char *path, enum table_kind kind, const struct table_part *parts, size_t n,
		struct error *err) MUST_CHECK;
/* Make partition `number` reach to the end of the disk, when it is the last one; a GPT's second
 * copy moves to the disk's end. *ret_grown says whether there was anything to do. The kernel is
 * told, also while other partitions of the disk are in use. */
int table_grow(const char *path, unsigned number, bool *ret_grown, struct error *err) MUST_CHECK;
/* Have the kernel read a disk's table again; nothing to do for a plain file. */
int table_tell_kernel(const char *path, struct error *err) MUST_CHECK;
