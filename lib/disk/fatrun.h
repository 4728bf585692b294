/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A large file in a fresh FAT32 in one run of clusters, so that its bytes are written to the disk
 * directly, one after the other. mtools makes the entry and puts it in its place; only the room
 * for the bytes is made here.
 */
#pragma once

#include <stdint.h>

#include "lib/attr.h"
#include "lib/error.h"

/* The file that gets the room: it is in the root directory, and empty. */
#define FATRUN_NAME "ROSRUN.TMP"

/* Make room for `size` bytes in one run, in the FAT32 that begins at `start` of a disk that is open
 * for writing. *ret_at is where the bytes are to be written. -ENOSPC: there is no such run;
 * -EBADMSG: it is no FAT32, or there is no such file. */
int fatrun_reserve(int fd, uint64_t start, uint64_t size, uint64_t *ret_at,
		   struct error *err) MUST_CHECK;
/* How many bytes of files a FAT32 has room for. -EBADMSG: it is none. */
int fatrun_room(int fd, uint64_t start, uint64_t *ret, struct error *err) MUST_CHECK;
