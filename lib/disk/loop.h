/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A part of a disk as a device of its own, by the program losetup. Needs root.
 */
#pragma once

#include <stddef.h>

#include "lib/attr.h"
#include "lib/disk/mkfs.h"
#include "lib/error.h"

#define LOOP_PROGRAM "/usr/sbin/losetup"

/* Whether this user may, and this machine has losetup and `program` (of `package`); `what` is made
 * with them. */
int loop_check(const char *what, const char *program, const char *package,
	       struct error *err) MUST_CHECK;

/* *ret gets "/dev/loop0". */
int loop_attach(const struct mkfs_place *at, char *ret, size_t size, struct error *err) MUST_CHECK;
/* Does nothing to "", and makes it "". */
int loop_detach(char *device, struct error *err) MUST_CHECK;
