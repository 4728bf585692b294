/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files in a FAT file system at a place of a disk or image file, by the programs of mtools: nothing
 * is mounted, so it works unprivileged on plain files.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/error.h"

struct mtools {
	const char *path; /* of the whole disk or file */
	uint64_t start;   /* bytes */
	/* Told about each piece of a file that was moved, or NULL. */
	void (*seen)(void *arg, const void *data, size_t len);
	void *arg;
};

/* Make directories, up to NULL: each one's parent is there, or is before it. One that is there
 * already is fine. */
int mtools_mkdirs(const struct mtools *f, const char *const *dirs, struct error *err) MUST_CHECK;
/* Write `len` bytes of a descriptor, from its start, as the file `to`, in place of an old one. */
int mtools_put(const struct mtools *f, const char *to, int fd, uint64_t len,
	       struct error *err) MUST_CHECK;
int mtools_put_text(const struct mtools *f, const char *to, const char *text,
		    struct error *err) MUST_CHECK;
/* Copy files into a directory, under their own names, in place of old ones. NULL ends both. */
int mtools_put_files(const struct mtools *f, const char *dir, const char *const *files,
		     struct error *err) MUST_CHECK;
/* The same with texts; each name is that of a file of `dir`. A name without a text ends them. */
struct mtools_text {
	const char *name, *text;
};
int mtools_put_texts(const struct mtools *f, const char *dir, const struct mtools_text *texts,
		     struct error *err) MUST_CHECK;
/* To another directory; no bytes are moved. */
int mtools_move(const struct mtools *f, const char *from, const char *to,
		struct error *err) MUST_CHECK;
int mtools_rename(const struct mtools *f, const char *from, const char *to,
		  struct error *err) MUST_CHECK;
/* The names of a directory's files, one a line, those of directories with a slash at their end. One
 * that is not there has none. */
int mtools_list(const struct mtools *f, const char *dir, struct buf *ret,
		struct error *err) MUST_CHECK;
/* Remove a directory and all that is in it. */
int mtools_remove(const struct mtools *f, const char *dir, struct error *err) MUST_CHECK;
/* Read a small text file, at most b's limit. -EIO when it is not there, or cannot be read. */
int mtools_get_text(const struct mtools *f, const char *from, struct buf *ret,
		    struct error *err) MUST_CHECK;
