/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Building nodes. Owns the rule about duplicate keys; refuses to know any format.
 */
#include <errno.h>
#include <string.h>

#include "lib/doc/tree.h"

static int grow(void **data, size_t *size, size_t n, size_t each)
{
	size_t want = *size ? *size * 2 : 8;
	void *more;

	if (n < *size)
		return 0;
	more = reallocarray(*data, want, each);
	if (!more)
		return -ENOMEM;
	*data = more;
	*size = want;
	return 0;
}

int tree_items_add(struct tree_items *l, const struct doc_node *n)
{
	void *data = l->data;
	int r = grow(&data, &l->size, l->n, sizeof(*l->data));

	l->data = data;
	if (r == 0)
		l->data[l->n++] = n;
	return r;
}

void tree_items_done(struct tree_items *l)
{
	free(l->data);
}

int tree_pairs_add(struct tree_pairs *l, const struct doc_pair *pair)
{
	void *data = l->data;
	int r = grow(&data, &l->size, l->n, sizeof(*l->data));

	l->data = data;
	if (r == 0)
		l->data[l->n++] = *pair;
	return r;
}

void tree_pairs_done(struct tree_pairs *l)
{
	free(l->data);
}

struct doc_node *tree_node(struct doc_pool *p, enum doc_kind kind, struct doc_origin at)
{
	struct doc_node *n = doc_alloc(p, sizeof(*n));

	if (n)
		*n = (struct doc_node){ .kind = kind, .origin = at };
	return n;
}

const struct doc_node *tree_str(struct doc_pool *p, struct doc_origin at, const char *text,
				size_t len)
{
	struct doc_node *n = tree_node(p, DOC_STR, at);

	if (!n)
		return NULL;
	n->text = doc_strdup(p, text, len);
	n->len = len;
	return n->text ? n : NULL;
}

const struct doc_node *tree_seq(struct doc_pool *p, struct doc_origin at,
				const struct doc_node *const *items, size_t n)
{
	struct doc_node *node = tree_node(p, DOC_SEQ, at);
	const struct doc_node **copy = doc_alloc(p, n * sizeof(*copy));

	if (!node || !copy)
		return NULL;
	if (n)
		memcpy(copy, items, n * sizeof(*copy));
	node->items = copy;
	node->len = n;
	return node;
}

/* By key, then by place. */
static int by_key(const void *a, const void *b)
{
	const struct doc_pair *x = *(const struct doc_pair *const *)a;
	const struct doc_pair *y = *(const struct doc_pair *const *)b;
	int c = strcmp(x->key, y->key);

	if (c)
		return c;
	return x < y ? -1 : x > y;
}

static const struct doc_pair **sort_pairs(const struct doc_pair *pairs, size_t n)
{
	const struct doc_pair **sorted = calloc(n + 1, sizeof(*sorted));

	if (!sorted)
		return NULL;
	for (size_t i = 0; i < n; i++)
		sorted[i] = &pairs[i];
	if (n > 1)
		qsort(sorted, n, sizeof(*sorted), by_key);
	return sorted;
}

static void say_twice(struct doc_pool *p, const struct doc_pair *first,
		      const struct doc_pair *again)
{
	doc_say(p, true, again->origin,
		"key \"%.80s\" stands here again (first in line %u: this one counts, leave one "
		"out)",
		again->key, first->origin.line);
}

/* Mark all but the last of each key. */
static int mark_duplicates(struct doc_pool *p, const struct doc_pair *pairs, size_t n, size_t quiet,
			   bool *drop)
{
	AUTO_FREE const struct doc_pair **sorted = sort_pairs(pairs, n);

	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i + 1 < n; i++) {
		const struct doc_pair *a = sorted[i], *b = sorted[i + 1];

		if (strcmp(a->key, b->key))
			continue;
		drop[a - pairs] = true;
		if ((size_t)(a - pairs) >= quiet)
			say_twice(p, a, b);
	}
	return 0;
}

const struct doc_node *tree_map(struct doc_pool *p, struct doc_origin at,
				const struct doc_pair *pairs, size_t n, size_t quiet)
{
	struct doc_node *node = tree_node(p, DOC_MAP, at);
	struct doc_pair *copy = doc_alloc(p, n * sizeof(*copy));
	AUTO_FREE bool *drop = calloc(n + 1, sizeof(*drop));

	if (!node || !copy || !drop || mark_duplicates(p, pairs, n, quiet, drop) < 0)
		return NULL;
	for (size_t i = 0; i < n; i++)
		if (!drop[i])
			copy[node->len++] = pairs[i];
	node->pairs = copy;
	return node;
}

int tree_index_init(struct tree_index *ix, const struct doc_node *map)
{
	ix->n = map->len;
	ix->sorted = sort_pairs(map->pairs, map->len);
	return ix->sorted ? 0 : -ENOMEM;
}

const struct doc_pair *tree_index_find(const struct tree_index *ix, const char *key)
{
	size_t low = 0, high = ix->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int c = strcmp(key, ix->sorted[mid]->key);

		if (c == 0)
			return ix->sorted[mid];
		if (c < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return NULL;
}

void tree_index_done(struct tree_index *ix)
{
	free(ix->sorted);
	ix->sorted = NULL;
}
