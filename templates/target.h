/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files that are rendered: one row each. A new one is a template and a row in target.c.
 */
#pragma once

#include <sys/types.h>

#include "lib/attr.h"

enum target_publish {
	TARGET_RENAME,   /* whole or not at all */
	TARGET_IN_PLACE, /* the same inode once containers run: it is mounted into them as a file */
};

struct target {
	const char *name;   /* in the journal and in reports: "etc_hosts" */
	const char *source; /* in TARGET_SOURCES; the copy built into the program when it is not
			       there */
	const char *text;   /* that copy */
	const char *path;
	mode_t mode;
	enum target_publish publish;
	const char *const
		*check; /* a program that says whether a candidate is right: TARGET_CANDIDATE
			 * in its arguments stands for the file; NULL for none */
	const char *only_if;      /* rendered only if this is true in the data; NULL for always */
};

#define TARGET_SOURCES "/usr/share/ros/templates"
#define TARGET_CANDIDATE "@"

extern const struct target target_all[];
extern const size_t target_n;
