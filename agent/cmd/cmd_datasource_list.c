/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `ros datasource list`: every datasource, whether this machine's facts speak for it, and which one
 * is chosen. Asks no network.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/command.h"
#include "agent/config/config.h"
#include "datasource/registry.h"
#include "datasource/removable.h"

#define LIST_KEY "rancher.cloud_init.datasources"

static const char *const words[] = {
	[DATASOURCE_NO] = "no",
	[DATASOURCE_MAYBE] = "maybe",
	[DATASOURCE_YES] = "yes",
};

static void print_json(const struct registry_choice *rows, size_t n, size_t chosen, struct buf *out)
{
	if (chosen < n)
		buf_fmt(out, "{\"chosen\":\"%s\"", rows[chosen].source->name);
	else
		buf_str(out, "{\"chosen\":null");
	buf_str(out, ",\"datasources\":[");
	for (size_t i = 0; i < n; i++) {
		buf_fmt(out, "%s{\"name\":\"%s\",\"match\":\"%s\",\"reason\":\"", i ? "," : "",
			rows[i].source->name, words[rows[i].clue.match]);
		buf_json(out, rows[i].clue.reason);
		buf_str(out, "\"}");
	}
	buf_str(out, "]}\n");
}

static void print_text(const struct registry_choice *rows, size_t n, size_t chosen, struct buf *out)
{
	for (size_t i = 0; i < n; i++)
		buf_fmt(out, "%c %-14s %-6s %s\n", i == chosen ? '*' : ' ', rows[i].source->name,
			words[rows[i].clue.match], rows[i].clue.reason);
}

static int list(const struct env *env, bool json, struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *pool = NULL;
	AUTO_FREE struct registry_choice *rows = calloc(REGISTRY_MAX, sizeof(*rows));
	AUTO_FREE struct machine *m = calloc(1, sizeof(*m));
	AUTO_BUF struct buf out = { 0 };
	const struct doc_node *config = NULL;
	AUTO_BUF struct buf said = { 0 };
	size_t n, chosen;
	int r;

	if (!rows || !m)
		return error_sys(err, ENOMEM, "list");
	r = doc_pool_new(&pool, err);
	if (r == 0)
		r = config_load(env->root, pool, &config, err);
	if (r < 0)
		return r;
	machine_load(m, env->root);
	if (!registry_is_told(m, doc_at(config, LIST_KEY)) &&
	    !doc_bool(config, "rancher.cloud_init.allow_removable", false))
		removable_drop(m, &said);
	if (said.len)
		(void)fprintf(stderr, "ros: datasource: %s\n", buf_text(&said));
	n = registry_choose(m, doc_at(config, LIST_KEY), rows, &chosen);
	if (json)
		print_json(rows, n, chosen, &out);
	else
		print_text(rows, n, chosen, &out);
	r = buf_check(&out, err);
	(void)fputs(buf_text(&out), stdout);
	return r;
}

static int run(const struct env *env, int argc, char **argv, struct error *err)
{
	bool json = argc == 2 && !strcmp(argv[1], "--json");

	if (argc > 1 && !json) {
		(void)error_set(err, EINVAL, "unknown option %s", argv[1]);
		return COMMAND_USAGE;
	}
	return list(env, json, err) < 0 ? COMMAND_FAILED : COMMAND_OK;
}

const struct command command_datasource_list = {
	.name = "datasource list",
	.args = "[--json]",
	.help = "Show which datasources this machine has, why, and which one is chosen.",
	.run = run,
};
