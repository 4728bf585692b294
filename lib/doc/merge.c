/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Precedence merge. Neither side is changed; what did not change is shared. Every value that took
 * another's place points to it, so that `explain` can show the chain.
 */
#include <string.h>

#include "lib/doc/doc.h"
#include "lib/doc/tree.h"

/* Down to this many keys a map cannot be replaced by what is no map … */
#define GUARDED 3
/* … nor, down to this many, by nothing ("services:" with all of its lines commented out). One
 * deeper, null takes a thing away: a service, an interface. */
#define GUARDED_NULL 2

/* `over` with a pointer to what it replaced. */
static const struct doc_node *replace(struct doc_pool *p, const struct doc_node *base,
				      const struct doc_node *over)
{
	struct doc_node *n = tree_node(p, over->kind, over->origin);

	if (!n)
		return over;
	*n = *over;
	n->replaced = base;
	return n;
}

static const char *kind_name(const struct doc_node *n)
{
	switch (n->kind) {
	case DOC_SEQ:
		return "a list";
	case DOC_MAP:
		return "a map";
	case DOC_NULL:
		return "nothing";
	default:
		return "a single value";
	}
}

static void say_no_map(struct doc_pool *p, const char *key, const struct doc_node *base,
		       const struct doc_node *over)
{
	doc_say(p, over->kind != DOC_NULL, over->origin,
		"%s holds keys (%s:%u), but %s stands here: ignored", key,
		base->origin.source ? base->origin.source : "", base->origin.line, kind_name(over));
}

struct place {
	const char *key;
	int depth;
};

static const struct doc_node *merge(struct doc_pool *p, struct place at,
				    const struct doc_node *base, const struct doc_node *over);

/* Base's pairs in their order, each merged with its counterpart. */
static int take_base(struct doc_pool *p, int depth, const struct doc_node *base,
		     const struct doc_node *over, struct tree_pairs *out)
{
	AUTO_INDEX struct tree_index ix = { 0 };

	if (tree_index_init(&ix, over) < 0)
		return -1;
	for (size_t i = 0; i < base->len; i++) {
		struct doc_pair pair = base->pairs[i];
		const struct doc_pair *mine = tree_index_find(&ix, pair.key);

		if (mine) {
			pair.val = merge(p, (struct place){ pair.key, depth + 1 }, pair.val,
					 mine->val);
			if (pair.val != base->pairs[i].val)
				pair.origin = mine->origin;
		}
		if (!pair.val || tree_pairs_add(out, &pair) < 0)
			return -1;
	}
	return 0;
}

/* Then what only `over` has. */
static int take_over(const struct doc_node *base, const struct doc_node *over,
		     struct tree_pairs *out)
{
	AUTO_INDEX struct tree_index ix = { 0 };

	if (tree_index_init(&ix, base) < 0)
		return -1;
	for (size_t i = 0; i < over->len; i++)
		if (!tree_index_find(&ix, over->pairs[i].key) &&
		    tree_pairs_add(out, &over->pairs[i]) < 0)
			return -1;
	return 0;
}

static const struct doc_node *merge_maps(struct doc_pool *p, int depth, const struct doc_node *base,
					 const struct doc_node *over)
{
	AUTO_PAIRS struct tree_pairs pairs = { 0 };
	const struct doc_node *joined;

	if (take_base(p, depth, base, over, &pairs) < 0 || take_over(base, over, &pairs) < 0)
		return NULL;
	joined = tree_map(p, over->origin, pairs.data, pairs.n, pairs.n);
	return joined ? replace(p, base, joined) : NULL;
}

static const struct doc_node *merge(struct doc_pool *p, struct place at,
				    const struct doc_node *base, const struct doc_node *over)
{
	if (base->kind != DOC_MAP)
		return replace(p, base, over);
	if (over->kind == DOC_MAP)
		return over->len ? merge_maps(p, at.depth, base, over) : base;
	if (base->len == 0 || at.depth > (over->kind == DOC_NULL ? GUARDED_NULL : GUARDED))
		return replace(p, base, over);
	say_no_map(p, at.key, base, over);
	return base;
}

const struct doc_node *doc_merge(struct doc_pool *p, const struct doc_node *base,
				 const struct doc_node *over)
{
	const struct doc_node *ret;

	if (!base || !over)
		return base ? base : over;
	ret = merge(p, (struct place){ "the document", 0 }, base, over);
	if (!ret)
		doc_say(p, true, over->origin,
			"the configuration is too large to be merged: ignored");
	return ret ? ret : base;
}
