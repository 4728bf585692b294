/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a file goes when other users own directories on the way: none of them leads root elsewhere
 * by a symbolic link that he lays.
 *
 * A link is followed only when it is root's, or the caller's own, and the directory that it lies in
 * is, too: /var/run is, and what a user lays in his home is not.
 */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

#include "lib/attr.h"
#include "lib/error.h"

struct file_place {
	int dir;                 /* O_PATH; the caller closes it */
	char base[NAME_MAX + 1]; /* the file's name in it */
	bool own_dir;            /* the directory is root's, or the caller's */
};

struct file_place_how {
	bool follow; /* the last component as well; else it is not looked at */
	/* Of directories that are missing, which are made with mode 0755. */
	uid_t uid;
	gid_t gid;
};

/* Resolve path below root (lib/file.h). -ELOOP when a link is not to be followed; the message names
 * it. With `follow` a link that leads to nothing is a place, too. */
int file_place_open(int root, const char *path, const struct file_place_how *how,
		    struct file_place *ret, struct error *err) MUST_CHECK;
