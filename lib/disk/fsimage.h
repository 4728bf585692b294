/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Single files out of a file system image, read by code of ours: no mount, no privilege, no kernel
 * module. For the two formats in which seeds come, iso9660 (with Rock Ridge and Joliet) and FAT.
 * Everything in the image is hostile: sizes and chains are bounded, symbolic links are refused.
 */
#pragma once

#include <stdbool.h>

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/error.h"

/* Whether fsimage_read() knows the format ("iso9660", "vfat"). */
bool fsimage_is_known(const char *type);
/* Read the file at `path` ("openstack/latest/user_data"; names without regard to case) of the image
 * in `fd` into `b`. -ENOENT: there is none; -ELOOP: a symbolic link; -E2BIG: larger than b's limit;
 * -EISDIR; -EBADMSG: the image is damaged or cut off. */
int fsimage_read(int fd, const char *type, const char *path, struct buf *b,
		 struct error *err) MUST_CHECK;
