/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parses single values. What YAML must not see is replaced by characters of Unicode's private use
 * area before, and put back after.
 */
#include <string.h>

#include "agent/config/value.h"
#include "lib/doc/scalar.h"
#include "lib/doc/tree.h"

struct shield {
	char c;
	const char *stand_in; /* U+E03A and so on: three bytes */
};

static const struct shield shields[] = {
	{ ':', "\xee\x80\xba" },
	{ '?', "\xee\x80\xbf" },
	{ '\n', "\xee\x80\x8a" },
};

#define STAND_IN 3

static const struct shield *shield_of(char c)
{
	for (size_t i = 0; i < ARRAY_LEN(shields); i++)
		if (shields[i].c == c)
			return &shields[i];
	return NULL;
}

static const struct shield *stand_in_at(const char *s)
{
	for (size_t i = 0; i < ARRAY_LEN(shields); i++)
		if (!strncmp(s, shields[i].stand_in, STAND_IN))
			return &shields[i];
	return NULL;
}

/* The quotation mark that is open behind `c`, or 0; `open` is the one before it. */
static char quote_after(char open, char c)
{
	if (c != '"' && c != '\'')
		return open;
	return !open ? c : open == c ? 0 : open;
}

/* In brackets, the end of a line is white space where it is not quoted. */
static void protect(const char *text, struct buf *out)
{
	bool map = text[0] == '{', brackets = map || text[0] == '[', escaped = false;
	char open = 0;

	for (const char *s = text; *s; s++) {
		const struct shield *h = shield_of(*s);
		bool separates = (map && *s == ':' && (s[1] == ' ' || s[1] == '\n')) ||
				 (brackets && *s == '\n' && !open);

		if (h && !separates)
			buf_str(out, h->stand_in);
		else
			buf_char(out, *s);
		if (brackets && !escaped)
			open = quote_after(open, *s);
		escaped = open == '"' && *s == '\\' && !escaped;
	}
}

static const char *restore_text(struct doc_pool *p, const char *text, size_t len, size_t *ret_len)
{
	char *copy = doc_alloc(p, len + 1), *to = copy;

	for (const char *s = text; copy && s < text + len;) {
		const struct shield *h = stand_in_at(s);

		*to++ = h ? h->c : *s;
		s += h ? STAND_IN : 1;
	}
	if (!copy)
		return NULL;
	*to = '\0';
	*ret_len = (size_t)(to - copy);
	return copy;
}

static const struct doc_node *restore(struct doc_pool *p, struct doc_origin at,
				      const struct doc_node *n);

static const struct doc_node *restore_map(struct doc_pool *p, struct doc_origin at,
					  const struct doc_node *n)
{
	AUTO_PAIRS struct tree_pairs pairs = { 0 };

	for (size_t i = 0; i < n->len; i++) {
		const char *key = n->pairs[i].key;
		size_t len;
		struct doc_pair pair = { .origin = at };

		pair.key = restore_text(p, key, strlen(key), &len);
		pair.val = restore(p, at, n->pairs[i].val);
		if (!pair.key || !pair.val || tree_pairs_add(&pairs, &pair) < 0)
			return NULL;
	}
	return tree_map(p, at, pairs.data, pairs.n, 0);
}

static const struct doc_node *restore_list(struct doc_pool *p, struct doc_origin at,
					   const struct doc_node *n)
{
	AUTO_ITEMS struct tree_items items = { 0 };

	for (size_t i = 0; i < n->len; i++) {
		const struct doc_node *item = restore(p, at, n->items[i]);

		if (!item || tree_items_add(&items, item) < 0)
			return NULL;
	}
	return tree_seq(p, at, items.data, items.n);
}

static const struct doc_node *restore(struct doc_pool *p, struct doc_origin at,
				      const struct doc_node *n)
{
	struct doc_node *copy;

	if (n->kind == DOC_MAP)
		return restore_map(p, at, n);
	if (n->kind == DOC_SEQ)
		return restore_list(p, at, n);
	copy = tree_node(p, n->kind, at);
	if (!copy)
		return NULL;
	*copy = *n;
	copy->origin = at;
	copy->text = restore_text(p, n->text, n->len, &copy->len);
	return copy->text ? copy : NULL;
}

const struct doc_node *value_parse(struct doc_pool *p, struct doc_origin at, const char *text)
{
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(DOC_SIZE);
	const struct doc_node *n = NULL;

	protect(text, &b);
	if (b.failed || doc_yaml(p, at.source, buf_text(&b), b.len, &n, NULL) < 0)
		return tree_str(p, at, text, strlen(text));
	return restore(p, at, n);
}
