/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A directory of its own for a test that touches files: made empty, removed with all that is in it.
 */
#pragma once

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct scratch {
	char path[64];
};

static inline int scratch_remove_one(const char *path, const struct stat *st, int type,
				     struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static inline struct scratch scratch_make(void)
{
	struct scratch s = { .path = "/tmp/ros-unit-XXXXXX" };

	if (!mkdtemp(s.path)) {
		perror("mkdtemp");
		abort();
	}
	return s;
}

static inline void scratch_done(struct scratch *s)
{
	if (s->path[0] != '\0')
		(void)nftw(s->path, scratch_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
#define AUTO_SCRATCH __attribute__((cleanup(scratch_done)))
