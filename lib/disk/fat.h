/* SPDX-License-Identifier: Apache-2.0 */
/*
 * FAT12, FAT16 and FAT32 with long names for lib/disk/image.h (Microsoft's fatgen103).
 */
#pragma once

#include "lib/disk/image.h"

int fat_read(int fd, const char *path, struct buf *b, struct error *err) MUST_CHECK;
