/* SPDX-License-Identifier: Apache-2.0 */
/*
 * FAT12, FAT16 and FAT32 with long names for lib/disk/image.h (Microsoft's fatgen103).
 */
#pragma once

#include "lib/disk/image.h"

int fat_read(int fd, const char *path, struct buf *b, struct error *err) MUST_CHECK;

/* Where the bytes of a file are: call fn for each run of them, in their order, until it fails. `at`
 * counts from the start of fd, the volume begins at `start`. *ret_size: the file's. */
typedef int (*fat_run)(void *arg, uint64_t at, uint64_t len, struct error *err);
int fat_map(int fd, uint64_t start, const char *path, uint64_t *ret_size, fat_run fn, void *arg,
	    struct error *err) MUST_CHECK;
