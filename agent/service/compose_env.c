/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns the variables of a service's container: from its definition, from rancher.environment, from
 * files.
 */
#include "agent/service/compose_env.h"

#include <string.h>

#include "lib/file.h"
#include "lib/scope.h"

#define FILE_MAX (256u << 10)

/* A name in `environment` without a value: the variables of rancher.environment that it matches. */
static void add_variables(struct body *b, struct body_pairs *map, const char *name)
{
	const size_t len = strlen(name);
	const char *value = body_variable(b, name);

	if (len == 0 || name[len - 1] != '*') {
		if (value)
			body_set(b, map, name, body_str(b, value));
		return;
	}
	for (size_t i = 0; b->env->vars && i < b->env->vars->len; i++) {
		const char *key = b->env->vars->pairs[i].key;
		const size_t own = strlen(b->svc->name);

		if (!strncmp(key, b->svc->name, own) && key[own] == '/')
			key += own + 1;
		value = strncmp(key, name, len - 1) ? NULL : body_variable(b, key);
		if (value)
			body_set(b, map, key, body_str(b, value));
	}
}

static void read_env_text(struct body *b, const struct doc_node *at, const char *text, void *arg)
{
	const char *eq = strchr(text, '=');

	(void)at;
	if (eq)
		body_set(b, arg, body_format(b, "%.*s", (int)(eq - text), text),
			 body_str(b, eq + 1));
	else
		add_variables(b, arg, text);
}

/* Put the variables at `path`. `environment` goes before what a file says, in whatever order the
 * two stand. */
static void put(struct body *b, const char *path, const struct body_pairs *map, bool over)
{
	const struct doc_node *before = body_get(b, path);
	struct body_pairs all = { 0 };
	struct body_items list = { 0 };

	for (size_t i = 0; !over && i < map->n; i++)
		body_set(b, &all, map->v[i].key, map->v[i].val);
	for (size_t i = 0; before && i < before->len; i++)
		read_env_text(b, NULL, before->items[i]->text, &all);
	for (size_t i = 0; over && i < map->n; i++)
		body_set(b, &all, map->v[i].key, map->v[i].val);
	for (size_t i = 0; i < all.n; i++)
		body_add(b, &list, body_str(b, body_format(b, "%s=%s", all.v[i].key,
							   all.v[i].val->text)));
	body_put(b, path, body_seq(b, &list));
}

void compose_env(struct body *b, const char *path, const struct doc_node *n)
{
	struct body_pairs map = { 0 };

	if (n->kind == DOC_MAP) {
		for (size_t i = 0; i < n->len; i++) {
			const struct doc_node *v = n->pairs[i].val;
			const char *text = body_text(b, v);

			if (v->kind == DOC_NULL)
				add_variables(b, &map, n->pairs[i].key);
			else if (text)
				body_set(b, &map, n->pairs[i].key, body_str(b, text));
		}
	} else {
		body_each(b, n, read_env_text, &map);
	}
	put(b, path, &map, true);
}

/* Lines as in a shell's file of assignments, but nothing is quoted: as docker reads it. */
static void read_lines(struct body *b, const char *text, struct body_pairs *map)
{
	size_t len;

	for (const char *line = text; *line; line += len + (line[len] == '\n')) {
		int own;

		line += strspn(line, " \t");
		len = strcspn(line, "\n");
		own = (int)(len && line[len - 1] == '\r' ? len - 1 : len);
		if (own && *line != '#')
			read_env_text(b, NULL, body_format(b, "%.*s", own, line), map);
	}
}

static void read_file(struct body *b, const struct doc_node *at, const char *path, void *arg)
{
	struct buf AUTO_BUF text = BUF_WITH_LIMIT(FILE_MAX);
	struct error err = { 0 };

	if (*path != '/')
		body_say(b, true, at, "env_file: \"%s\" must begin with /", path);
	else if (!b->env->root)
		return;
	else if (file_read(*b->env->root, path, &text, &err) < 0)
		body_say(b, true, at, "env_file: %s", err.msg);
	else if (memchr(buf_text(&text), '\0', text.len))
		body_say(b, true, at, "env_file: %s is no text", path);
	else
		read_lines(b, buf_text(&text), arg);
}

void compose_env_file(struct body *b, const char *path, const struct doc_node *n)
{
	struct body_pairs map = { 0 };

	body_each(b, n, read_file, &map);
	put(b, path, &map, false);
}
