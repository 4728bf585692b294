/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `ros config schema`: the table of keys for editors and for the reference page.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/command.h"
#include "agent/config/schema_text.h"

#define OUTPUT_MAX (4u << 20)

static int run(const struct env *env, int argc, char **argv, struct error *err)
{
	AUTO(schema_free) struct schema *s = schema_new();
	AUTO_BUF struct buf out = BUF_WITH_LIMIT(OUTPUT_MAX);
	bool page = argc == 2 && !strcmp(argv[1], "--markdown");

	(void)env;
	if (argc > 1 && !page && (argc > 2 || strcmp(argv[1], "--json"))) {
		(void)error_set(err, EINVAL, "%s is no option", argv[1]);
		return COMMAND_USAGE;
	}
	if (!s)
		return COMMAND_FAILED;
	if (page)
		schema_text_markdown(&out);
	else
		schema_text_json(s, &out);
	if (buf_check(&out, err) < 0)
		return COMMAND_FAILED;
	(void)fputs(buf_text(&out), stdout);
	return COMMAND_OK;
}

const struct command command_config_schema = {
	.name = "config schema",
	.args = "[--markdown]",
	.help = "Print a JSON Schema of all configuration keys, for editors.",
	.run = run,
};
