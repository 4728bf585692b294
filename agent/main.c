/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program `ros`: find the command by the name it was called under or by its first words, run
 * it, print its error once. Everything else is in the commands.
 */
#include <stdio.h>

#include "agent/command.h"
#include "agent/command_line.h"
#include "agent/message.h"
#include "lib/error.h"
#include "lib/file.h"
#include "lib/journal.h"

static int usage_error(const char *what, const char *arg)
{
	fprintf(stderr, "ros: %s %s (try: ros --help)\n", what, arg);
	return COMMAND_USAGE;
}

static int run(const struct command_line *line, int argc, char **argv)
{
	struct error err = { 0 };
	struct env env = { .root = FILE_ROOT, .rootdir = line->root ? line->root : "/" };
	int r;

	if (line->root && file_root_open(line->root, &env.root, &err) < 0) {
		fprintf(stderr, "ros: --root %s: %s\n", line->root, err.msg);
		return COMMAND_FAILED;
	}
	/* What is told below a --root is told there. */
	journal_root(env.root);
	message_root(env.root);
	r = line->command->run(&env, argc, argv, &err);
	if (r != COMMAND_OK && err.code)
		fprintf(stderr, "ros: %s: %s\n", line->command->name, err.msg);
	if (fflush(stdout) && r == COMMAND_OK) {
		fprintf(stderr, "ros: %s: standard output: write failed\n", line->command->name);
		r = COMMAND_FAILED;
	}
	return r < 0 ? COMMAND_FAILED : r;
}

int main(int argc, char **argv)
{
	struct command_line line;

	command_line_parse(&line, argc, argv);
	switch (line.what) {
	case COMMAND_LINE_HELP:
		command_line_help(stdout, line.arg);
		return COMMAND_OK;
	case COMMAND_LINE_COMMAND_HELP:
		command_line_help_one(stdout, line.command);
		return COMMAND_OK;
	case COMMAND_LINE_GROUP:
		command_line_help(stderr, line.arg);
		return COMMAND_USAGE;
	case COMMAND_LINE_UNKNOWN:
		return usage_error("unknown command or option", line.arg);
	case COMMAND_LINE_NO_ARGUMENT:
		return usage_error("an argument is missing after", line.arg);
	case COMMAND_LINE_NOTHING:
		command_line_help(stderr, NULL);
		return COMMAND_USAGE;
	case COMMAND_LINE_RUN:
		break;
	}
	return run(&line, argc - line.first, argv + line.first);
}
