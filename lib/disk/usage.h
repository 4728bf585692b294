/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who uses a disk: mounts, swap, arrays and mappings above it, loop devices of a file.
 */
#pragma once

#include <stdbool.h>

#include "lib/attr.h"
#include "lib/buf.h"

/* Append what uses the disk (or file) or one of its partitions, as "mounted on /x, swap, md0";
 * nothing when it is free. `path` is its name below `root` (lib/file.h), where /proc and /sys are
 * read. */
void usage_find(int root, const char *path, struct buf *who);
/* "/dev/vda" and "/dev/vda1", "/dev/nvme0n1" and "/dev/nvme0n1p3": is `name` the disk itself, or
 * one of its partitions? Pure. */
bool usage_is_part(const char *disk, const char *name);
