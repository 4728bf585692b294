/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds keys by another spelling, and puts documents right.
 */
#include "agent/config/schema_spell.h"

#include <string.h>

#include "lib/doc/tree.h"

const struct schema_entry *schema_spell_entry(const struct schema *s, const char *path,
					      const char *key)
{
	const struct schema_entry *e = schema_step(s, path, key);
	char spelt[80];
	size_t len = strlen(key);

	if (e || !strchr(key, '-') || len >= sizeof(spelt))
		return e;
	for (size_t i = 0; i <= len; i++)
		spelt[i] = key[i] == '-' ? '_' : key[i];
	return schema_step(s, path, spelt);
}

static const struct doc_node *respell(const struct schema *s, struct doc_pool *p, const char *path,
				      const struct doc_node *n);

/* *pair as it should be; false when nothing changed. */
static bool respell_pair(const struct schema *s, struct doc_pool *p, const char *path,
			 struct doc_pair *pair)
{
	const struct schema_entry *e = schema_spell_entry(s, path, pair->key);
	const char *name = e ? strrchr(e->path, '.') : NULL;
	const struct doc_node *val;
	bool changed = false;

	if (!e)
		return false;
	name = name ? name + 1 : e->path;
	if (strcmp(name, "*") && strcmp(name, pair->key)) {
		/* The document lives longer than the schema. */
		name = doc_strdup(p, name, strlen(name));
		pair->key = name ? name : pair->key;
		changed = true;
	}
	val = respell(s, p, e->path, pair->val);
	changed = changed || val != pair->val;
	pair->val = val;
	return changed;
}

static const struct doc_node *respell_map(const struct schema *s, struct doc_pool *p,
					  const char *path, const struct doc_node *n)
{
	AUTO_PAIRS struct tree_pairs pairs = { 0 };
	const struct doc_node *copy;
	bool changed = false;

	for (size_t i = 0; i < n->len; i++) {
		struct doc_pair pair = n->pairs[i];

		changed = respell_pair(s, p, path, &pair) || changed;
		if (tree_pairs_add(&pairs, &pair) < 0)
			return n;
	}
	copy = changed ? tree_map(p, n->origin, pairs.data, pairs.n, 0) : n;
	return copy ? copy : n;
}

static const struct doc_node *respell_list(const struct schema *s, struct doc_pool *p,
					   const char *path, const struct doc_node *n)
{
	AUTO_ITEMS struct tree_items items = { 0 };
	const struct doc_node *copy;
	bool changed = false;

	for (size_t i = 0; i < n->len; i++) {
		const struct doc_node *item = respell(s, p, path, n->items[i]);

		changed = changed || item != n->items[i];
		if (tree_items_add(&items, item) < 0)
			return n;
	}
	copy = changed ? tree_seq(p, n->origin, items.data, items.n) : n;
	return copy ? copy : n;
}

static const struct doc_node *respell(const struct schema *s, struct doc_pool *p, const char *path,
				      const struct doc_node *n)
{
	const struct schema_entry *item;

	if (n->kind == DOC_MAP)
		return respell_map(s, p, path, n);
	if (n->kind != DOC_SEQ)
		return n;
	item = schema_step(s, path, "[]");
	return item ? respell_list(s, p, item->path, n) : n;
}

const struct doc_node *schema_spell_right(const struct schema *s, struct doc_pool *p,
				      const struct doc_node *doc)
{
	return doc ? respell(s, p, "", doc) : NULL;
}
