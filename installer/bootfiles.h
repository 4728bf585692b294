/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Boot loaders and their entries on a boot partition.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "lib/attr.h"
#include "lib/disk/mtools.h"
#include "lib/disk/table.h"
#include "lib/error.h"

struct bootfiles {
	struct mtools boot;
	const char *line;   /* kernel line without the slot */
	const char *append; /* the user's words, kept for later upgrades; or NULL */
	const char *version, *slot;
	bool previous; /* there are entries of the version before */
};

/* Boot code in front of a partition table. */
#define BOOTFILES_CODE 440

/* Whether the files and programs are there that the loaders are made of. */
int bootfiles_check(bool bios, bool uefi, struct error *err) MUST_CHECK;
/* global.cfg, append, and each loader's entries of the slot. */
int bootfiles_entries(const struct bootfiles *b, bool bios, bool uefi,
		      struct error *err) MUST_CHECK;
/* Of the version to go back to, whose slot and line `b` has; what starts by itself stays. */
int bootfiles_previous(const struct bootfiles *b, bool bios, bool uefi,
		       struct error *err) MUST_CHECK;
/* syslinux itself, with its menu. The file system must not be mounted. */
int bootfiles_syslinux(const struct bootfiles *b, struct error *err) MUST_CHECK;
/* systemd-boot, where UEFI looks for it. */
int bootfiles_systemd(const struct bootfiles *b, struct error *err) MUST_CHECK;
int bootfiles_code(enum table_kind table, char code[BOOTFILES_CODE], size_t *ret_len,
		   struct error *err) MUST_CHECK;
