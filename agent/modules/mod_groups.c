/* SPDX-License-Identifier: Apache-2.0 */
/*
 * groups: a list of names and of {name: [members]}, or a text with commas. They are there before
 * the users, whom they may name all the same.
 */
#include <stdio.h>
#include <string.h>

#include "agent/modules/accountdb.h"
#include "agent/modules/passwords.h"
#include "agent/modules/rows.h"

#define GROUPS_MAX 256

struct work {
	const struct module_ctx *c;
	struct accountdb db;
	size_t n;
};

static enum module_result add_group(struct work *w, const char *name, struct doc_origin at)
{
	struct error err = { 0 };

	if (++w->n > GROUPS_MAX)
		return module_fail(w->c, at, "these are too many groups (256 at most)");
	if (accountdb_group(&w->db, name, 0, false, &err) < 0)
		return module_fail(w->c, at, "%s", err.msg);
	return MODULE_UNCHANGED;
}

/* Call add_group for each of "a, b". */
static enum module_result add_words(struct work *w, const struct doc_node *n)
{
	enum module_result result = MODULE_UNCHANGED;

	for (const char *s = n->text; *s;) {
		size_t len = strcspn(s, ", ");
		char name[64];

		(void)snprintf(name, sizeof(name), "%.*s", (int)len, s);
		if (len)
			result = module_worse(result, add_group(w, name, n->origin));
		s += len + strspn(s + len, ", ");
	}
	return result;
}

static enum module_result add_members(struct work *w, const char *group,
				      const struct doc_node *members)
{
	enum module_result result = MODULE_UNCHANGED;
	const struct doc_node *one;
	const struct doc_node *const *items;
	size_t n;

	items = module_items(members, &one, &n);
	for (size_t i = 0; i < n && i < GROUPS_MAX; i++) {
		const char *name = module_text(items[i]);
		struct error err = { 0 };

		if (!name || accountdb_member(&w->db, group, name, &err) < 0)
			result = module_fail(w->c, items[i]->origin, "group %s: %s", group,
					     name ? err.msg : "a member is a name");
	}
	return result;
}

static enum module_result add_entry(struct work *w, const struct doc_node *n)
{
	enum module_result result = MODULE_UNCHANGED;

	if (module_text(n))
		return add_words(w, n);
	if (n->kind == DOC_NULL)
		return MODULE_UNCHANGED;
	if (n->kind != DOC_MAP)
		return module_fail(w->c, n->origin, "a group is a name, or {name: [members]}");
	for (size_t i = 0; i < n->len; i++) {
		const struct doc_pair *p = &n->pairs[i];
		enum module_result r = add_group(w, p->key, p->origin);

		if (r != MODULE_FAILED)
			r = add_members(w, p->key, p->val);
		result = module_worse(result, r);
	}
	return result;
}

static enum module_result edit(struct work *w, const struct doc_node *groups)
{
	enum module_result result = MODULE_UNCHANGED;
	struct error err = { 0 };
	const struct doc_node *one;
	const struct doc_node *const *items;
	bool changed = false;
	size_t n;

	if (accountdb_load(w->c->root, w->c->privileged, &w->db, &err) < 0)
		return module_fail(w->c, groups->origin, "groups: %s", err.msg);
	items = module_items(groups, &one, &n);
	for (size_t i = 0; i < n; i++)
		result = module_worse(result, add_entry(w, items[i]));
	if (accountdb_save(&w->db, &changed, &err) < 0)
		return module_fail(w->c, groups->origin, "groups: %s", err.msg);
	return changed ? module_worse(result, MODULE_CHANGED) : result;
}

static enum module_result apply(const struct module_ctx *c, struct buf *message)
{
	struct work w = { .c = c };
	enum module_result result;

	passwords_lock(c);
	result = edit(&w, doc_key(c->config, "groups"));
	passwords_unlock(c);
	accountdb_done(&w.db);
	buf_fmt(message, "%zu %s", w.n, w.n == 1 ? "group" : "groups");
	return result;
}

const struct module module_groups = {
	.name = "groups",
	.apply = apply,
	.frequency = MODULE_INSTANCE,
	.keys = { "groups" },
};
