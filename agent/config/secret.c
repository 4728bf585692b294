/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walks a document beside the schema and leaves out what is secret.
 */
#include "agent/config/secret.h"

#include <string.h>

#include "lib/doc/tree.h"

#define PRIVATE_KEY "PRIVATE KEY-----"

struct strip {
	const struct schema *schema;
	struct doc_pool *p;
	size_t n;     /* of secrets that were left out */
	bool in_list;
};

static const struct doc_node *strip(struct strip *s, const char *path, const struct doc_node *n);

static bool is_private_key(const struct doc_node *n)
{
	return n->kind == DOC_STR && memmem(n->text, n->len, PRIVATE_KEY, strlen(PRIVATE_KEY));
}

/* The path of a key's row; NULL for keys that no row knows. */
static const char *row_path(const struct schema *s, const char *path, const char *key,
			    bool *ret_secret)
{
	const struct schema_entry *e = path ? schema_step(s, path, key) : NULL;

	*ret_secret = e && e->row->flags & SCHEMA_SECRET;
	return e ? e->path : NULL;
}

/* A list takes the place of another one as a whole: whoever merged one that lacks something would
 * lose that. *ret_lost: it is left out. */
static const struct doc_node *strip_whole(struct strip *s, const char *path,
					  const struct doc_pair *pair, bool *ret_lost)
{
	const bool outermost = !s->in_list && pair->val->kind == DOC_SEQ;
	const size_t before = s->n;
	const struct doc_node *val;

	s->in_list |= outermost;
	val = strip(s, path, pair->val);
	if (outermost)
		s->in_list = false;
	*ret_lost = outermost && s->n > before;
	if (*ret_lost)
		doc_say(s->p, false, pair->origin,
			"%s has secrets in its list and is left out (--private)", pair->key);
	return val;
}

static const struct doc_node *strip_map(struct strip *s, const char *path,
					const struct doc_node *n)
{
	AUTO_PAIRS struct tree_pairs pairs = { 0 };

	for (size_t i = 0; i < n->len; i++) {
		struct doc_pair pair = n->pairs[i];
		bool secret, lost;
		const char *next = row_path(s->schema, path, pair.key, &secret);

		if (secret || is_private_key(pair.val)) {
			s->n++;
			continue;
		}
		pair.val = strip_whole(s, next, &pair, &lost);
		if (lost)
			continue;
		if (!pair.val || tree_pairs_add(&pairs, &pair) < 0)
			return NULL;
	}
	return tree_map(s->p, n->origin, pairs.data, pairs.n, 0);
}

static const struct doc_node *strip_list(struct strip *s, const char *path,
					 const struct doc_node *n)
{
	AUTO_ITEMS struct tree_items items = { 0 };
	bool secret;
	const char *next = row_path(s->schema, path, "[]", &secret);

	for (size_t i = 0; i < n->len; i++) {
		const struct doc_node *item = n->items[i];

		if (secret || is_private_key(item)) {
			s->n++;
			continue;
		}
		item = strip(s, next, item);
		if (!item || tree_items_add(&items, item) < 0)
			return NULL;
	}
	return tree_seq(s->p, n->origin, items.data, items.n);
}

static const struct doc_node *strip(struct strip *s, const char *path, const struct doc_node *n)
{
	if (n->kind == DOC_MAP)
		return strip_map(s, path, n);
	return n->kind == DOC_SEQ ? strip_list(s, path, n) : n;
}

const struct doc_node *secret_remove(const struct schema *schema, struct doc_pool *p,
				     const struct doc_node *doc)
{
	struct strip s = { .schema = schema, .p = p };

	return doc ? strip(&s, "", doc) : NULL;
}

bool secret_is(const struct schema *s, const char *path)
{
	const struct schema_entry *e = schema_find(s, path);
	char above[512];

	if (!e)
		return false;
	(void)snprintf(above, sizeof(above), "%s", e->path);
	for (;;) {
		char *dot = strrchr(above, '.');

		e = schema_get(s, above);
		if (e && e->row->flags & SCHEMA_SECRET)
			return true;
		if (!dot)
			return false;
		*dot = '\0';
	}
}
