/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Leaves every file system clean: unmounted, or read-only where it is still in use.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Unmount all but the API file systems and the root, last mounted first. */
void unmount_all(void);
/* Detach every mount at or below `path`, last mounted first. */
void unmount_below(const char *path);
/* The mount point in one line of /proc/self/mountinfo, its octal escapes undone, into `path`; the
 * type of file system into `type`. Pure. False for a line that is none. */
bool unmount_parse(const char *line, char *path, size_t path_size, char *type, size_t type_size);
