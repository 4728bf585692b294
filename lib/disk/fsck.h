/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Repairing ext2, ext3 and ext4 by the program of e2fsprogs.
 */
#pragma once

#include "lib/attr.h"
#include "lib/error.h"

/* Replay its journal and repair what needs no decision; what the program says goes to `out` (a
 * descriptor, or -1). -EUCLEAN when damage is left. `path` is the device of the file system itself:
 * the program finds none at a place of a disk. */
int fsck_ext(const char *path, int out, struct error *err) MUST_CHECK;
