/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Understanding a command line of `ros`, and printing help from the table of commands.
 */
#include "agent/command_line.h"

#include <stdbool.h>
#include <string.h>

#include "agent/command.h"

/* The column in which help explains a command. */
#define HELP_COLUMN 30

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static const struct command *find_alias(const char *name)
{
	for (size_t i = 0; command_all[i]; i++)
		if (command_all[i]->alias && !strcmp(command_all[i]->alias, name))
			return command_all[i];
	return NULL;
}

/* "first second", or only "first" when second is NULL. */
static const struct command *find_words(const char *first, const char *second)
{
	size_t n = strlen(first);

	for (size_t i = 0; command_all[i]; i++) {
		const char *name = command_all[i]->name;

		if (strncmp(name, first, n))
			continue;
		if (second ? name[n] == ' ' && !strcmp(name + n + 1, second) : name[n] == '\0')
			return command_all[i];
	}
	return NULL;
}

/* Short names of groups, as RancherOS has them. */
static const char *group_name(const char *word)
{
	static const char *const names[][2] = { { "c", "config" }, { "s", "service" } };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(word, names[i][0]))
			return names[i][1];
	return word;
}

static bool is_group(const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; command_all[i]; i++)
		if (!strncmp(command_all[i]->name, word, n) && command_all[i]->name[n] == ' ')
			return true;
	return false;
}

static void set(struct command_line *ret, enum command_line_what what, const char *arg)
{
	ret->what = what;
	ret->arg = arg;
}

/* The command's words begin at argv[i]. */
static void parse_words(struct command_line *ret, int argc, char **argv, int i)
{
	const char *second = i + 1 < argc ? argv[i + 1] : NULL;
	const char *first = group_name(argv[i]);

	if (!strcmp(first, "help")) {
		set(ret, COMMAND_LINE_HELP, second);
		return;
	}
	if (second && (ret->command = find_words(first, second)))
		ret->first = i + 1;
	else if ((ret->command = find_words(first, NULL)))
		ret->first = i;
	else if (is_group(first)) {
		bool asked = !second || !strcmp(second, "--help") || !strcmp(second, "-h");

		set(ret, asked && second ? COMMAND_LINE_HELP : asked ? COMMAND_LINE_GROUP :
							       COMMAND_LINE_UNKNOWN,
		    asked ? first : second);
		return;
	} else {
		set(ret, COMMAND_LINE_UNKNOWN, argv[i]);
		return;
	}
	ret->what = COMMAND_LINE_RUN;
	if (ret->first + 1 < argc && !strcmp(argv[ret->first + 1], "--help"))
		ret->what = COMMAND_LINE_COMMAND_HELP;
}

void command_line_parse(struct command_line *ret, int argc, char **argv)
{
	int i = 1;

	*ret = (struct command_line){ .what = COMMAND_LINE_NOTHING };
	if (argc > 0 && (ret->command = find_alias(base_name(argv[0])))) {
		set(ret, argc > 1 && !strcmp(argv[1], "--help") ? COMMAND_LINE_COMMAND_HELP :
								  COMMAND_LINE_RUN, NULL);
		return;
	}
	for (; i < argc && argv[i][0] == '-'; i++) {
		if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h")) {
			set(ret, COMMAND_LINE_HELP, NULL);
			return;
		}
		if (!strcmp(argv[i], "-v") || !strcmp(argv[i], "--version")) {
			ret->command = find_words("version", NULL);
			ret->first = i;
			set(ret, ret->command ? COMMAND_LINE_RUN : COMMAND_LINE_UNKNOWN, argv[i]);
			return;
		}
		if (!strncmp(argv[i], "--root=", 7)) {
			ret->root = argv[i] + 7;
		} else if (!strcmp(argv[i], "--root")) {
			if (i + 1 == argc) {
				set(ret, COMMAND_LINE_NO_ARGUMENT, argv[i]);
				return;
			}
			ret->root = argv[++i];
		} else {
			set(ret, COMMAND_LINE_UNKNOWN, argv[i]);
			return;
		}
	}
	if (i < argc)
		parse_words(ret, argc, argv, i);
}

static bool in_group(const struct command *c, const char *group)
{
	size_t n = group ? strlen(group) : 0;

	return !group || (!strncmp(c->name, group, n) && (c->name[n] == ' ' || c->name[n] == '\0'));
}

void command_line_help(FILE *out, const char *group)
{
	fprintf(out, "usage: ros [--root DIR] COMMAND …\n       ros --version | --help | COMMAND "
		     "--help\n\n");
	for (size_t i = 0; command_all[i]; i++) {
		const struct command *c = command_all[i];
		const char *args = c->args ? c->args : "";
		const char *gap = *args ? " " : "";

		if (!in_group(c, group) || (!c->help && !group))
			continue;
		if (strlen(c->name) + strlen(gap) + strlen(args) > HELP_COLUMN)
			fprintf(out, "  %s%s%s\n  %-*s", c->name, gap, args, HELP_COLUMN, "");
		else
			fprintf(out, "  %s%s%-*s", c->name, gap,
				(int)(HELP_COLUMN - strlen(c->name) - strlen(gap)), args);
		fprintf(out, "  %s\n", c->help ? c->help : "");
	}
}

void command_line_help_one(FILE *out, const struct command *c)
{
	fprintf(out, "usage: ros %s%s%s\n", c->name, c->args && *c->args ? " " : "",
		c->args ? c->args : "");
	if (c->help)
		fprintf(out, "%s\n", c->help);
}
