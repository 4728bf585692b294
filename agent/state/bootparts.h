/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The boot partitions of this machine, for whoever writes to them: the one that it started from,
 * at BOOTPARTS_BOOT, and with a mirrored state the one of each other disk of the mirror, which must
 * have the same files, because any of the disks may be the one that is left. All are read-only
 * but while they are written.
 */
#pragma once

#include "agent/state/inventory.h"
#include "lib/attr.h"
#include "lib/error.h"

#define BOOTPARTS_BOOT "/boot"
#define BOOTPARTS_MAX 8

/* Write to the boot partition whose files are in the directory `dir`, below root. */
typedef int (*bootparts_write)(int root, const char *dir, void *arg, struct error *err);

/* Call fn for each, the one that the machine started from first, until it fails. Below a root that
 * is not the system's own there is that one alone. */
int bootparts_each(int root, bootparts_write fn, void *arg, struct error *err) MUST_CHECK;
/* The others of the machine that started from the partition `boot`: their number, and pointers into
 * the inventory. Pure. */
size_t bootparts_others(const struct inventory *inv, const char *boot,
			const struct probe *ret[BOOTPARTS_MAX]);
