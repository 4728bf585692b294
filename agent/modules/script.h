/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The user's scripts that the console runs at boot, in RancherOS' order, and how a file is started:
 * by its "#!" line whether or not it is marked executable, by sh when it has none.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "lib/attr.h"
#include "lib/error.h"

struct script {
	const char *name;
	const char *path;
	const char *log;
	bool before_docker; /* user Docker waits for it */
	bool is_dir;        /* path holds several (agent/userdata/scripts.h) */
};

extern const struct script script_all[];
extern const size_t script_n;

/* Room for an interpreter, its one argument, the file and NULL. */
#define SCRIPT_ARGV 4

struct script_line {
	char text[256];
	const char *argv[SCRIPT_ARGV];
};

/* How to run `path` whose first bytes are `head`. Pure. */
void script_parse(struct script_line *ret, const char *head, size_t len, const char *path);
/* Read the head of `path` and say how to run it; -ENOENT when there is no such file. */
int script_load(struct script_line *ret, const char *path, struct error *err) MUST_CHECK;
