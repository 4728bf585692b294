/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looking at the disk that is to be installed on. Writes nothing.
 */
#pragma once

#include "installer/install.h"
#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/error.h"

/* Open and look. -ENODATA when there is no such disk, -ENOTBLK when it is none. */
int disk_look(int root, const char *device, struct install_disk *ret, struct error *err) MUST_CHECK;
void disk_close(struct install_disk *d);
/* Whether this is the same disk or file under another name. */
bool disk_is(int root, const struct install_disk *d, const char *device);
/* Whether the ext4 at this place of a disk was left with a journal that is to be replayed. */
bool disk_is_pending(int fd, uint64_t start);
/* What is on it, for people: "a gpt table with 2 partitions: vfat RANCHER_BOOT, ext4 data"; nothing
 * when it is blank. */
void disk_describe(const struct install_disk *d, struct buf *out);
