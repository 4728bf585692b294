/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading files from a medium that nobody trusts.
 *
 * iso9660 and vfat are read by code of ours (lib/disk/fsimage.h), from block devices and, below a
 * --root, from plain image files alike: nothing is mounted. What that cannot read (udf, a 9p share)
 * is mounted read-only, without devices, programs and symbolic links, and never attached to any
 * directory, so that it is gone with its descriptor and no container inherits it. A directory
 * (a seed, a configured path) is read through the same functions.
 */
#pragma once

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/disk/probe.h"
#include "lib/error.h"

struct media {
	char type[32];    /* of the image in fd; "": fd is a directory */
	int fd;           /* the image or the directory; may be FILE_ROOT */
	char prefix[128]; /* put before each path; "" or "/dir" */
};

int media_open(int root, const struct probe *p, struct media *ret, struct error *err) MUST_CHECK;
/* The 9p share of that tag (below a --root there is none: -ENODATA). */
int media_open_9p(int root, const char *tag, struct media *ret, struct error *err) MUST_CHECK;
/* A directory below root. Nothing is opened yet: reading says when it is not there. */
int media_open_dir(int root, const char *dir, struct media *ret, struct error *err) MUST_CHECK;
/* Read a file of at most b's limit bytes; -ENOENT when there is none. Messages name the file, not
 * the medium. */
int media_read(const struct media *m, const char *path, struct buf *b,
	       struct error *err) MUST_CHECK;
void media_close(struct media *m);
#define AUTO_MEDIA CLEANUP(media_close)
