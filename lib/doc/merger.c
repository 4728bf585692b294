/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Merges parts by cloud-init's rules, oddities included: it is the kind of the old value that
 * chooses the merger, and a kind without one keeps its old value.
 */
#include "lib/doc/merger.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "lib/doc/tree.h"

/* A rule that names more than this is no rule. */
#define WORD_MAX 32

#define OPTIONS(X)                        \
	X(REPLACE, "replace")             \
	X(NO_REPLACE, "no_replace")       \
	X(APPEND, "append")               \
	X(PREPEND, "prepend")             \
	X(RECURSE_DICT, "recurse_dict")   \
	X(RECURSE_ARRAY, "recurse_array") \
	X(RECURSE_LIST, "recurse_list")   \
	X(RECURSE_STR, "recurse_str")     \
	X(ALLOW_DELETE, "allow_delete")

enum option_bit {
#define X(name, text) BIT_##name,
	OPTIONS(X)
#undef X
};
enum option {
#define X(name, text) name = 1u << BIT_##name,
	OPTIONS(X)
#undef X
};

static const char *const option_names[] = {
#define X(name, text) [BIT_##name] = (text),
	OPTIONS(X)
#undef X
};

struct merge {
	struct doc_pool *p;
	const struct merger *m;
	struct error *err;
};

/* A node by whatever rule fits it; NULL with the error set. */
static const struct doc_node *merge(const struct merge *c, const struct doc_node *base,
				    const struct doc_node *over);

struct merger merger_default(void)
{
	return (struct merger){ .dict = { true, REPLACE },
				.list = { .given = true },
				.str = { .given = true } };
}

/* --- reading --- */

static struct merger_rule *rule_named(struct merger *m, const char *name)
{
	if (!strncmp(name, "m_", 2))
		name += 2;
	if (!strcmp(name, "dict"))
		return &m->dict;
	if (!strcmp(name, "list"))
		return &m->list;
	return strcmp(name, "str") ? NULL : &m->str;
}

/* Blanks around it gone, in lower case, "-" as "_". */
static void tidy(char word[WORD_MAX], const char *text, size_t len)
{
	size_t n = 0;

	while (len && isspace((unsigned char)*text)) {
		text++;
		len--;
	}
	while (len && isspace((unsigned char)text[len - 1]))
		len--;
	for (; n < len && n < WORD_MAX - 1; n++)
		word[n] = text[n] == '-' ? '_' : (char)tolower((unsigned char)text[n]);
	word[n] = '\0';
}

static int add_option(unsigned *options, const char *name, struct error *err)
{
	for (size_t i = 0; i < ARRAY_LEN(option_names); i++)
		if (!strcmp(option_names[i], name)) {
			*options |= 1u << i;
			return 0;
		}
	return error_set(err, EBADMSG, "there is no merge option \"%s\"", name);
}

static int add_rule(struct merger *m, const char *name, unsigned options, struct error *err)
{
	struct merger_rule *rule = rule_named(m, name);

	if (!rule)
		return error_set(err, EBADMSG,
				 "there is no merger \"%s\" (there are dict, list and str)", name);
	if (!rule->given)
		*rule = (struct merger_rule){ true, options };
	return 0;
}

/* "name(opt, opt)" */
static int read_rule(struct merger *m, const char *text, size_t len, struct error *err)
{
	const char *open = memchr(text, '(', len), *end = text + len;
	char word[WORD_MAX];
	unsigned options = 0;

	tidy(word, text, open ? (size_t)(open - text) : len);
	if (!open && !word[0])
		return 0;
	while (end > text && isspace((unsigned char)end[-1]))
		end--;
	if (!open || end[-1] != ')')
		return error_set(err, EBADMSG, "\"%.*s\" is no merger: write name(option,…)",
				 len < 60 ? (int)len : 60, text);
	for (const char *at = open + 1; at < end;) {
		size_t n = strcspn(at, ",)");
		char option[WORD_MAX];
		int r;

		tidy(option, at, n);
		r = option[0] ? add_option(&options, option, err) : 0;
		if (r < 0)
			return r;
		at += n + 1;
	}
	return add_rule(m, word, options, err);
}

int merger_read_text(struct merger *m, const char *text, struct error *err)
{
	for (;;) {
		size_t len = strcspn(text, "+");
		int r = read_rule(m, text, len, err);

		if (r < 0 || !text[len])
			return r;
		text += len + 1;
	}
}

static int read_settings(const struct doc_node *list, size_t from, unsigned *options,
			 struct error *err)
{
	for (size_t i = from; list && list->kind == DOC_SEQ && i < list->len; i++) {
		char word[WORD_MAX];
		int r;

		if (!doc_is_scalar(list->items[i]))
			return error_set(err, EBADMSG, "a merge option is a word");
		tidy(word, list->items[i]->text, list->items[i]->len);
		r = add_option(options, word, err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* {name: dict, settings: [replace]}, [dict, replace] or "dict(replace)" */
static int read_item(struct merger *m, const struct doc_node *n, struct error *err)
{
	bool is_map = n->kind == DOC_MAP;
	const char *name = doc_str(n, is_map ? "name" : "0", "");
	char word[WORD_MAX];
	unsigned options = 0;
	int r;

	if (doc_is_scalar(n))
		return merger_read_text(m, n->text, err);
	tidy(word, name, strlen(name));
	r = read_settings(is_map ? doc_key(n, "settings") : n, is_map ? 0 : 1, &options, err);
	return r < 0 ? r : add_rule(m, word, options, err);
}

int merger_read(struct merger *m, const struct doc_node *how, struct error *err)
{
	int r = 0;

	if (doc_is_scalar(how))
		return merger_read_text(m, how->text, err);
	if (how->kind != DOC_SEQ)
		return error_set(err, EBADMSG,
				 "write \"name(option,…)+…\" or a list of {name, settings}");
	for (size_t i = 0; r == 0 && i < how->len; i++)
		r = read_item(m, how->items[i], err);
	return r;
}

/* --- merging --- */

static const struct doc_node *no_memory(const struct merge *c)
{
	(void)error_set(c->err, E2BIG, "the merged configuration is too large");
	return NULL;
}

/* `over`, pointing to what it replaced. */
static const struct doc_node *replace(const struct merge *c, const struct doc_node *base,
				      const struct doc_node *over)
{
	struct doc_node *n = tree_node(c->p, over->kind, over->origin);

	if (!n)
		return no_memory(c);
	*n = *over;
	n->replaced = base;
	return n;
}

static bool is_recursed(unsigned options, const struct doc_node *over, bool maps_always)
{
	if (over->kind == DOC_SEQ)
		return options & (RECURSE_ARRAY | RECURSE_LIST);
	if (over->kind == DOC_STR)
		return options & RECURSE_STR;
	return over->kind == DOC_MAP && (maps_always || (options & RECURSE_DICT));
}

static const struct doc_node *merge_same_key(const struct merge *c, const struct doc_node *base,
					     const struct doc_node *over)
{
	unsigned options = c->m->dict.options;

	if (options & REPLACE)
		return replace(c, base, over);
	return is_recursed(options, over, true) ? merge(c, base, over) : base;
}

/* The old pairs in their order, merged with the new ones of the same key. */
static int merge_old_pairs(const struct merge *c, const struct doc_node *base,
			   const struct doc_node *over, struct tree_pairs *out)
{
	AUTO_INDEX struct tree_index ix = { 0 };

	if (tree_index_init(&ix, over) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < base->len; i++) {
		struct doc_pair pair = base->pairs[i];
		const struct doc_pair *mine = tree_index_find(&ix, pair.key);

		if (mine && mine->val->kind == DOC_NULL && (c->m->dict.options & ALLOW_DELETE))
			continue;
		if (mine)
			pair.val = merge_same_key(c, pair.val, mine->val);
		if (mine && pair.val != base->pairs[i].val)
			pair.origin = mine->origin;
		if (!pair.val || tree_pairs_add(out, &pair) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int add_new_pairs(const struct doc_node *base, const struct doc_node *over,
			 struct tree_pairs *out)
{
	AUTO_INDEX struct tree_index ix = { 0 };

	if (tree_index_init(&ix, base) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < over->len; i++)
		if (!tree_index_find(&ix, over->pairs[i].key) &&
		    tree_pairs_add(out, &over->pairs[i]) < 0)
			return -ENOMEM;
	return 0;
}

static const struct doc_node *merge_dict(const struct merge *c, const struct doc_node *base,
					 const struct doc_node *over)
{
	AUTO_PAIRS struct tree_pairs pairs = { 0 };
	const struct doc_node *n;

	if (over->kind != DOC_MAP)
		return base;
	if (merge_old_pairs(c, base, over, &pairs) < 0 || add_new_pairs(base, over, &pairs) < 0)
		return c->err->code ? NULL : no_memory(c);
	n = tree_map(c->p, base->len ? base->origin : over->origin, pairs.data, pairs.n, pairs.n);
	return n ? n : no_memory(c);
}

static const struct doc_node *join(const struct merge *c, const struct doc_node *first,
				   const struct doc_node *second, struct doc_origin at)
{
	AUTO_ITEMS struct tree_items items = { 0 };
	const struct doc_node *n;
	bool good = true;

	for (size_t i = 0; good && i < first->len; i++)
		good = tree_items_add(&items, first->items[i]) == 0;
	for (size_t i = 0; good && i < second->len; i++)
		good = tree_items_add(&items, second->items[i]) == 0;
	n = good ? tree_seq(c->p, at, items.data, items.n) : NULL;
	return n ? n : no_memory(c);
}

/* Item by item; what is longer in `over` is not added. */
static const struct doc_node *merge_items(const struct merge *c, const struct doc_node *base,
					  const struct doc_node *over)
{
	AUTO_ITEMS struct tree_items items = { 0 };
	unsigned options = c->m->list.options;
	const struct doc_node *n;

	for (size_t i = 0; i < base->len; i++) {
		const struct doc_node *item = base->items[i];

		if (i < over->len)
			item = is_recursed(options, over->items[i], false)
				       ? merge(c, item, over->items[i])
				       : replace(c, item, over->items[i]);
		if (!item)
			return NULL;
		if (tree_items_add(&items, item) < 0)
			return no_memory(c);
	}
	n = tree_seq(c->p, over->origin, items.data, items.n);
	return n ? n : no_memory(c);
}

static const struct doc_node *mismatch(const struct merge *c, const struct doc_node *over,
				       const char *what)
{
	(void)error_set(c->err, EBADMSG, "%s:%u:%u: %s",
			over->origin.source ? over->origin.source : "", over->origin.line,
			over->origin.column, what);
	return NULL;
}

static const struct doc_node *merge_list(const struct merge *c, const struct doc_node *base,
					 const struct doc_node *over)
{
	unsigned options = c->m->list.options;

	if (options & (APPEND | PREPEND)) {
		if (over->kind != DOC_SEQ)
			return mismatch(c, over, "this is to be joined to a list, and is none");
		return options & APPEND ? join(c, base, over, over->origin)
					: join(c, over, base, over->origin);
	}
	if (options & NO_REPLACE && !(options & REPLACE))
		return over->kind == DOC_SEQ || over->kind == DOC_STR
			       ? base
			       : mismatch(c, over, "this is to be merged into a list, and is none");
	return over->kind == DOC_SEQ ? merge_items(c, base, over) : replace(c, base, over);
}

static const struct doc_node *merge_str(const struct merge *c, const struct doc_node *base,
					const struct doc_node *over)
{
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(DOC_SIZE);
	const struct doc_node *n;

	if (!(c->m->str.options & APPEND))
		return replace(c, base, over);
	if (!doc_is_scalar(over))
		return mismatch(c, over, "this is to be appended to a text, and is none");
	buf_add(&text, base->text, base->len);
	buf_add(&text, over->text, over->len);
	n = text.failed ? NULL : tree_str(c->p, over->origin, buf_text(&text), text.len);
	return n ? replace(c, base, n) : no_memory(c);
}

static const struct doc_node *merge(const struct merge *c, const struct doc_node *base,
				    const struct doc_node *over)
{
	if (base->kind == DOC_MAP && c->m->dict.given)
		return merge_dict(c, base, over);
	if (base->kind == DOC_SEQ && c->m->list.given)
		return merge_list(c, base, over);
	if (base->kind == DOC_STR && c->m->str.given)
		return merge_str(c, base, over);
	return base;
}

int merger_apply(struct doc_pool *p, const struct merger *m, const struct doc_node *base,
		 const struct doc_node *over, const struct doc_node **ret, struct error *err)
{
	struct error own = { 0 };
	struct merge c = { .p = p, .m = m, .err = &own };
	const struct doc_node *n = merge(&c, base, over);

	if (!n)
		return error_set(err, own.code, "%s", own.msg);
	*ret = n;
	return 0;
}

static size_t weigh(const struct doc_node *n, int depth, size_t limit)
{
	bool is_map = n->kind == DOC_MAP;
	size_t sum = 1;

	if (depth > DOC_DEPTH)
		return limit + 1;
	for (size_t i = 0; (is_map || n->kind == DOC_SEQ) && i < n->len && sum <= limit; i++)
		sum += weigh(is_map ? n->pairs[i].val : n->items[i], depth + 1, limit - sum);
	return sum;
}

size_t merger_weigh(const struct doc_node *n)
{
	return weigh(n, 0, DOC_NODES);
}
