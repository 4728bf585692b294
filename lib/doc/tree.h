/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the readers and the merger build nodes: growing lists of items and pairs, and the step from
 * such a list to an immutable node. Not for users of documents (doc.h is).
 *
 * Everything that returns a pointer returns NULL when the pool is full.
 */
#pragma once

#include "lib/doc/doc.h"

struct tree_items {
	const struct doc_node **data;
	size_t n, size;
};

struct tree_pairs {
	struct doc_pair *data;
	size_t n, size;
};

int tree_items_add(struct tree_items *l, const struct doc_node *n) MUST_CHECK;
void tree_items_done(struct tree_items *l);
int tree_pairs_add(struct tree_pairs *l, const struct doc_pair *pair) MUST_CHECK;
void tree_pairs_done(struct tree_pairs *l);
#define AUTO_ITEMS CLEANUP(tree_items_done)
#define AUTO_PAIRS CLEANUP(tree_pairs_done)

/* An empty node, to be filled by its maker before anyone else sees it. */
struct doc_node *tree_node(struct doc_pool *p, enum doc_kind kind, struct doc_origin at);
const struct doc_node *tree_str(struct doc_pool *p, struct doc_origin at, const char *text,
				size_t len);
const struct doc_node *tree_seq(struct doc_pool *p, struct doc_origin at,
				const struct doc_node *const *items, size_t n);
/* Of pairs with the same key the last counts; the message about it is left out for the first
 * `quiet` pairs (those that a merge key brought in may be overridden). */
const struct doc_node *tree_map(struct doc_pool *p, struct doc_origin at,
				const struct doc_pair *pairs, size_t n, size_t quiet);

/* An index over a map's keys for repeated look-ups: hostile maps have 100 000 keys. */
struct tree_index {
	const struct doc_pair **sorted;
	size_t n;
};
int tree_index_init(struct tree_index *ix, const struct doc_node *map) MUST_CHECK;
const struct doc_pair *tree_index_find(const struct tree_index *ix, const char *key);
void tree_index_done(struct tree_index *ix);
#define AUTO_INDEX CLEANUP(tree_index_done)
