/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `ros service list`: what is enabled, what could be.
 */
#include <stdio.h>
#include <string.h>

#include "agent/service/optional.h"
#include "agent/service/servicectl.h"
#include "lib/buf.h"

static void print_json(const struct service *s, const char *state, bool first)
{
	struct buf AUTO_BUF line = { 0 };

	buf_str(&line, first ? "[" : ",\n ");
	buf_str(&line, "{\"name\":\"");
	buf_json(&line, s->name);
	buf_fmt(&line, "\",\"state\":\"%s\",\"scope\":\"%s\",\"builtin\":%s,\"image\":\"", state,
		s->system ? "system" : "user", s->builtin ? "true" : "false");
	buf_json(&line, s->image ? s->image : "");
	buf_str(&line, "\"}");
	fputs(buf_text(&line), stdout);
}

static void list_one(const struct servicectl *c, const struct service *s, const char *state,
		     size_t *n)
{
	if (c->o->json)
		print_json(s, state, *n == 0);
	else
		printf("%-8s %s\n", state, s->name);
	(*n)++;
}

static bool is_on(const struct servicectl *c, const char *name)
{
	const struct doc_node *includes = doc_at(c->project.config, "rancher.services_include");

	return doc_bool(doc_key(includes, name), "", false) ||
	       service_find(&c->project.set, name);
}

/* What could be enabled: turned off by name, or in a repository. */
static void list_others(struct servicectl *c, const struct doc_node *index, size_t *n)
{
	const struct doc_node *includes = doc_at(c->project.config, "rancher.services_include");

	for (size_t i = 0; includes && includes->kind == DOC_MAP && i < includes->len; i++) {
		const struct service off = { .name = includes->pairs[i].key, .system = true };

		if (!doc_bool(includes->pairs[i].val, "", false))
			list_one(c, &off, "disabled", n);
	}
	for (size_t i = 0; index && i < index->len; i++) {
		const struct service off = { .name = index->items[i]->text, .system = true };

		if (!is_on(c, off.name) && !doc_key(includes, off.name))
			list_one(c, &off, "disabled", n);
	}
}

int servicectl_list(struct servicectl *c, struct error *err)
{
	const struct doc_node *includes = doc_at(c->project.config, "rancher.services_include");
	const struct module_ctx ctx = { .root = c->root, .pool = c->project.pool,
					.config = c->project.config };
	const struct doc_node *index;
	size_t n = 0, n_before, n_messages;
	const struct doc_message *m;

	(void)err;
	for (size_t i = 0; i < c->project.set.n; i++) {
		if (c->o->all || !c->project.set.all[i].builtin)
			list_one(c, &c->project.set.all[i], "enabled", &n);
	}
	/* Enabled, and not on this machine yet. */
	for (size_t i = 0; includes && includes->kind == DOC_MAP && i < includes->len; i++) {
		const struct service on = { .name = includes->pairs[i].key, .system = true };

		if (doc_bool(includes->pairs[i].val, "", false) &&
		    optional_is_missing(c->root, c->project.config, on.name))
			list_one(c, &on, "enabled", &n);
	}
	(void)doc_messages(c->project.pool, &n_before);
	index = optional_index(&ctx, c->o->update);
	m = doc_messages(c->project.pool, &n_messages);
	for (size_t i = n_before; i < n_messages; i++) {
		struct buf AUTO_BUF text = BUF_WITH_LIMIT(4096);

		doc_message_text(&m[i], &text);
		fprintf(stderr, "ros: service: %s\n", buf_text(&text));
	}
	list_others(c, index, &n);
	if (c->o->json)
		puts(n ? "]" : "[]");
	return 0;
}
