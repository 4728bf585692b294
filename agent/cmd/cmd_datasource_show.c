/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `ros datasource show`: what this boot's datasource said, in the one form; user-data, which may
 * hold secrets, is not part of it.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/command.h"
#include "agent/userdata/instance.h"
#include "lib/file.h"

#define SIZE_MAX_SHOWN (1u << 20)

static void line(struct buf *out, const struct doc_node *n, const char *key, const char *name)
{
	const char *value = doc_str(doc_key(n, key), "", NULL);

	if (value && *value)
		buf_fmt(out, "%-14s %s\n", name, value);
}

static void print_text(const struct doc_node *n, struct buf *out)
{
	static const char *const lines[][2] = {
		{ "datasource", "datasource" },	 { "where", "where" },
		{ "instance_id", "instance id" }, { "hostname", "host name" },
		{ "region", "region" },		 { "zone", "zone" },
		{ "instance_type", "instance type" }, { "public_ipv4", "public IPv4" },
		{ "private_ipv4", "private IPv4" },
	};
	const struct doc_node *keys = doc_key(n, "ssh_authorized_keys");
	const struct doc_node *network = doc_key(n, "network");

	for (size_t i = 0; i < ARRAY_LEN(lines); i++)
		line(out, n, lines[i][0], lines[i][1]);
	for (size_t i = 0; keys && keys->kind == DOC_SEQ && i < keys->len; i++)
		buf_fmt(out, "%-14s %s\n", "SSH key", keys->items[i]->text);
	if (network && network->kind == DOC_MAP) {
		buf_fmt(out, "%-14s ", "network");
		doc_json_write(network, out);
		buf_char(out, '\n');
	}
}

static int show(const struct env *env, bool json, struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *pool = NULL;
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(SIZE_MAX_SHOWN);
	AUTO_BUF struct buf out = { 0 };
	const struct doc_node *n = NULL;
	int r = file_read(env->root, INSTANCE_PATH, &text, err);

	if (r == -ENOENT)
		return error_set(err, ENOENT,
				 "the agent has not run since the machine started (ros datasource "
				 "list says what is here)");
	if (r == 0)
		r = doc_pool_new(&pool, err);
	if (r == 0)
		r = doc_json_parse(pool, INSTANCE_PATH, buf_text(&text), text.len, &n, err);
	if (r < 0)
		return r;
	if (json) {
		doc_json_write(n, &out);
		buf_char(&out, '\n');
	} else if (doc_str(doc_key(n, "datasource"), "", NULL)) {
		print_text(n, &out);
	} else {
		buf_str(&out, "this machine has no datasource\n");
	}
	(void)fputs(buf_text(&out), stdout);
	return buf_check(&out, err);
}

static int run(const struct env *env, int argc, char **argv, struct error *err)
{
	bool json = argc == 2 && !strcmp(argv[1], "--json");

	if (argc > 1 && !json) {
		(void)error_set(err, EINVAL, "unknown option %s", argv[1]);
		return COMMAND_USAGE;
	}
	return show(env, json, err) < 0 ? COMMAND_FAILED : COMMAND_OK;
}

const struct command command_datasource_show = {
	.name = "datasource show",
	.args = "[--json]",
	.help = "Show what this boot's datasource said of the machine.",
	.run = run,
};
