/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a command of `ros` is. Each lives in a file of its own, agent/cmd_<name>.c, whose only
 * symbol is its descriptor; agent/command.c holds the table, help is printed from it.
 */
#pragma once

#include "lib/attr.h"
#include "lib/error.h"

/* What every command is given: the options that stand before its name. */
struct env {
	int root;         /* below which every path is taken (lib/file.h); FILE_ROOT normally */
	const char *rootdir; /* the --root argument, or "/" */
};

/* Exit codes of the command line. */
#define COMMAND_OK 0
#define COMMAND_FAILED 1
#define COMMAND_USAGE 2

struct command {
	const char *name;  /* "boot state": one or two words */
	const char *alias; /* argv[0] under which it runs too ("poweroff"), or NULL */
	const char *args;  /* for help: "[-f] NAME" */
	const char *help;  /* one sentence; NULL hides it from the list */
	/* argv[0] is the command's last word (or the alias). A failure that is described by *err is
	 * printed by the caller; the return value is the exit code. */
	int (*run)(const struct env *env, int argc, char **argv, struct error *err);
};

extern const struct command *const command_all[]; /* NULL-terminated */
