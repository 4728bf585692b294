/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `ros config explain, diff`: why a value is what it is, and what a file would change.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/command.h"
#include "agent/config/config.h"
#include "agent/config/config_args.h"
#include "agent/config/diff.h"
#include "agent/config/explain.h"
#include "agent/config/schema_check.h"
#include "agent/config/schema_spell.h"
#include "agent/config/schema_near.h"
#include "agent/config/secret.h"
#include "agent/userdata/userdata.h"

#define OUTPUT_MAX (64u << 20)

/* A key that no row knows and nobody sets. */
static int say_unknown(const struct schema *s, const char *key, struct error *err)
{
	AUTO_BUF struct buf near = BUF_WITH_LIMIT(256);
	char above[256];
	char *dot;

	(void)snprintf(above, sizeof(above), "%s", key);
	dot = strrchr(above, '.');
	if (dot)
		*dot = '\0';
	if (dot && schema_find(s, above))
		(void)schema_near_key(s, schema_find(s, above)->path, dot + 1, &near);
	else if (!dot)
		(void)schema_near_key(s, "", key, &near);
	return error_set(err, ENOENT, "there is no key \"%.100s\"%s", key,
			 near.len ? buf_text(&near) : " (see: ros config schema)");
}

static int run_explain(const struct env *env, int argc, char **argv, struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	AUTO(schema_free) struct schema *s = schema_new();
	AUTO_BUF struct buf out = BUF_WITH_LIMIT(OUTPUT_MAX);
	struct explain e = { 0 };
	struct config_args a;

	if (config_args_parse(argc, argv, 1, &a, err) < 0)
		return COMMAND_USAGE;
	if (!s || doc_pool_new(&p, err) < 0 || config_load(env->root, p, &e.config, err) < 0)
		return COMMAND_FAILED;
	e.key = a.words[0];
	e.entry = schema_find(s, e.key);
	e.hide = secret_is(s, e.key) && !a.private;
	if (a.json)
		explain_json(p, &e, &out);
	else if (e.entry || doc_at(e.config, e.key))
		explain_text(p, &e, &out);
	(void)fputs(buf_text(&out), stdout);
	if (!e.entry && !doc_at(e.config, e.key)) {
		(void)say_unknown(s, e.key, err);
		return COMMAND_FAILED;
	}
	return buf_check(&out, err) < 0 ? COMMAND_FAILED : COMMAND_OK;
}

/* The configuration as it is, and with the file. */
static int load_both(int root, struct doc_pool *p, struct diff *d, struct error *err)
{
	struct config_choice choice = { .extra = d->layer };
	int r = config_load(root, p, &d->before, err);

	return r < 0 ? r : config_load_choice(root, p, &choice, &d->after, err);
}

static void print_diff(const struct diff *d, const struct doc_pool *p, bool json, struct buf *out)
{
	if (!json) {
		diff_text(d, out);
		return;
	}
	buf_str(out, "{\"changes\":");
	diff_json(d, out);
	buf_str(out, ",\"messages\":");
	doc_messages_json(p, out);
	buf_str(out, "}\n");
}

static int run_diff(const struct env *env, int argc, char **argv, struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL, *all = NULL;
	AUTO(schema_free) struct schema *s = schema_new();
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(DOC_SIZE), out = BUF_WITH_LIMIT(OUTPUT_MAX);
	struct diff d = { .schema = s };
	struct config_args a;
	const char *name;

	if (config_args_parse(argc, argv, 0, &a, err) < 0)
		return COMMAND_USAGE;
	if (!s || doc_pool_new(&p, err) < 0 || doc_pool_new(&all, err) < 0 ||
	    config_args_read(&a, &name, &b, err) < 0 ||
	    userdata_document(p, name, buf_text(&b), b.len, &d.layer, err) < 0)
		return COMMAND_FAILED;
	schema_check(s, p, d.layer);
	d.layer = schema_spell_right(s, p, d.layer);
	/* What is wrong with the other layers is no business of this file's. */
	if (load_both(env->root, all, &d, err) < 0)
		return COMMAND_FAILED;
	config_args_messages(p);
	print_diff(&d, p, a.json, &out);
	(void)fputs(buf_text(&out), stdout);
	if (buf_check(&out, err) < 0)
		return COMMAND_FAILED;
	return doc_has_errors(p) ? COMMAND_FAILED : COMMAND_OK;
}

const struct command command_config_explain = {
	.name = "config explain",
	.args = "KEY [--private] [--json]",
	.help = "Say where a value comes from, what it replaced, and what the key is for.",
	.run = run_explain,
};

const struct command command_config_diff = {
	.name = "config diff",
	.args = "[-i FILE] [--json]",
	.help = "Show what merging a file would change on this machine.",
	.run = run_diff,
};
