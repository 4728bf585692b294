/* SPDX-License-Identifier: Apache-2.0 */
/*
 * iso9660 for lib/disk/image.h (ECMA-119, IEEE P1281/P1282 "Rock Ridge", Joliet).
 */
#pragma once

#include "lib/disk/image.h"

int iso_read(int fd, const char *path, struct buf *b, struct error *err) MUST_CHECK;
