/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the words of a `ros` command line are understood: pure, so that every case has a test.
 */
#pragma once

#include <stdio.h>

#include "agent/command.h"

enum command_line_what {
	COMMAND_LINE_RUN,          /* run `command` with argv from `first` on */
	COMMAND_LINE_HELP,         /* the list, or that of the group `arg` */
	COMMAND_LINE_COMMAND_HELP, /* help of `command` */
	COMMAND_LINE_GROUP,        /* the first word of two was given alone: `arg` */
	COMMAND_LINE_UNKNOWN,
	COMMAND_LINE_NO_ARGUMENT,
	COMMAND_LINE_NOTHING,
};

struct command_line {
	enum command_line_what what;
	const struct command *command;
	const char *root; /* of --root, or NULL */
	const char *arg;  /* the word that the result is about */
	int first;        /* index of the command's own argv[0] */
};

/* argv[0] decides first (a link named "poweroff"), then global options, then one or two words. */
void command_line_parse(struct command_line *ret, int argc, char **argv);
/* The commands with a help sentence; only those of `group` ("boot") when it is not NULL, hidden
 * ones too then. */
void command_line_help(FILE *out, const char *group);
void command_line_help_one(FILE *out, const struct command *c);
