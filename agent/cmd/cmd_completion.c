/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `ros completion bash`: a script that completes commands, their options, and configuration keys.
 * It is made from the tables of both, and needs no other package.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/command.h"
#include "agent/config/schema.h"
#include "lib/buf.h"

#define OUTPUT_MAX (1u << 20)

/* Words of `args` that begin with a dash. */
static void add_options(const char *args, struct buf *out)
{
	for (const char *s = args; s && *s; s++) {
		size_t len = strcspn(s, " |[](),=");

		if (*s == '-' && len > 1)
			buf_fmt(out, "%.*s ", (int)len, s);
		s += len ? len - 1 : 0;
	}
}

static void add_commands(struct buf *out)
{
	buf_str(out, "_ros_commands='");
	for (size_t i = 0; command_all[i]; i++)
		if (command_all[i]->help)
			buf_fmt(out, "%s\n", command_all[i]->name);
	buf_str(out, "'\n_ros_options() {\n\tcase $1 in\n");
	for (size_t i = 0; command_all[i]; i++) {
		AUTO_BUF struct buf options = { 0 };

		add_options(command_all[i]->args, &options);
		if (command_all[i]->help)
			buf_fmt(out, "\t'%s') echo '%s--help' ;;\n", command_all[i]->name,
				buf_text(&options));
	}
	buf_str(out, "\tesac\n}\n");
}

/* Those that can be typed as they are. */
static void add_keys(const struct schema *s, struct buf *out)
{
	size_t n;
	const struct schema_entry *e = schema_entries(s, &n);

	buf_str(out, "_ros_keys='");
	for (size_t i = 0; i < n; i++)
		if (!strpbrk(e[i].path, "*[") && !(e[i].row->flags & SCHEMA_IGNORED))
			buf_fmt(out, "%s\n", e[i].path);
	buf_str(out, "'\n");
}

static const char function[] =
	"_ros() {\n"
	"\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} i=1 words='' "
	"cmd\n"
	"\tlocal IFS=$'\\n'\n"
	"\tcase $prev in\n"
	"\t-i|-o|-c|--input|--output|--cloud-config|--user-data|--meta-data|--vendor-data|"
	"--network-config|--root)\n"
	"\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
	"\t\treturn ;;\n"
	"\tesac\n"
	"\t[[ ${COMP_WORDS[1]} != --root ]] || i=3\n"
	"\tif ((COMP_CWORD == i)); then\n"
	"\t\twords=$(cut -d' ' -f1 <<<\"$_ros_commands\" | sort -u)"
	"$'\\n--root\\n--help\\n--version'\n"
	"\telse\n"
	"\t\tcmd=\"${COMP_WORDS[i]} ${COMP_WORDS[i + 1]}\"\n"
	"\t\tif grep -qxF -- \"$cmd\" <<<\"$_ros_commands\" && ((COMP_CWORD > i + 1)); then\n"
	"\t\t\ti=$((i + 1))\n"
	"\t\telse\n"
	"\t\t\tcmd=${COMP_WORDS[i]}\n"
	"\t\t\t((COMP_CWORD != i + 1)) || words=$(sed -n \"s/^$cmd //p\" "
	"<<<\"$_ros_commands\")\n"
	"\t\tfi\n"
	"\t\t[[ $cur != -* ]] || words=$(_ros_options \"$cmd\" | tr ' ' '\\n')\n"
	"\t\tcase $cmd in\n"
	"\t\t'config get'|'config set'|'config explain') ((COMP_CWORD != i + 1)) || "
	"words=$_ros_keys ;;\n"
	"\t\tesac\n"
	"\tfi\n"
	"\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
	"}\n"
	"complete -F _ros ros\n";

static int run(const struct env *env, int argc, char **argv, struct error *err)
{
	AUTO(schema_free) struct schema *s = schema_new();
	AUTO_BUF struct buf out = BUF_WITH_LIMIT(OUTPUT_MAX);

	(void)env;
	if (argc != 2 || strcmp(argv[1], "bash")) {
		(void)error_set(err, EINVAL, "bash is the shell that is known");
		return COMMAND_USAGE;
	}
	if (!s)
		return COMMAND_FAILED;
	buf_str(&out, "# Completion of ros for bash, made by `ros completion bash`.\n");
	add_commands(&out);
	add_keys(s, &out);
	buf_str(&out, function);
	if (buf_check(&out, err) < 0)
		return COMMAND_FAILED;
	(void)fputs(buf_text(&out), stdout);
	return COMMAND_OK;
}

const struct command command_completion = {
	.name = "completion",
	.args = "bash",
	.help = "Print a script that completes commands and keys; source it from ~/.bashrc.",
	.run = run,
};
