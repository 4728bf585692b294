/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values as the document has them; how texts are written is schema_kind.c's.
 */
#include "agent/config/schema_value.h"

#include <string.h>

#include "agent/config/schema_kind.h"
#include "lib/doc/scalar.h"

static bool is_bool(const struct doc_node *n)
{
	union scalar_value v;

	if (n->kind == DOC_INT)
		return n->integer == 0 || n->integer == 1;
	return n->kind == DOC_BOOL ||
	       (n->kind == DOC_STR && scalar_resolve(n->text, n->len, &v) == DOC_BOOL);
}

/* A number, also in quotes. */
static bool take_int(const struct doc_node *n, int64_t *ret)
{
	union scalar_value v;

	if (n->kind == DOC_INT) {
		*ret = n->integer;
		return true;
	}
	if (n->kind != DOC_STR || scalar_resolve(n->text, n->len, &v) != DOC_INT)
		return false;
	*ret = v.integer;
	return true;
}

static bool in_range(int64_t v, int64_t min, int64_t max)
{
	return (min == 0 && max == 0) || (v >= min && v <= max);
}

static bool is_number(const struct doc_node *n)
{
	union scalar_value v;
	enum doc_kind kind = n->kind == DOC_STR ? scalar_resolve(n->text, n->len, &v) : n->kind;

	return kind == DOC_INT || kind == DOC_FLOAT;
}

static bool scalar_fits(const struct schema_row *row, const struct doc_node *n)
{
	unsigned kinds = row->kinds;
	int64_t v;

	if (kinds & (SCHEMA_TEXT | SCHEMA_COMMAND))
		return true;
	if ((kinds & SCHEMA_BOOL && is_bool(n)) || (kinds & SCHEMA_NUMBER && is_number(n)))
		return true;
	if (kinds & SCHEMA_INT && take_int(n, &v) && in_range(v, row->min, row->max))
		return true;
	if (kinds & SCHEMA_PORT && take_int(n, &v) && v >= 1 && v <= 65535)
		return true;
	if (strlen(n->text) != n->len)
		return false;
	if (kinds & SCHEMA_WORD && schema_has_word(row->words, n->text))
		return true;
	return schema_kind_is(kinds, n->text);
}

bool schema_value_fits(const struct schema_row *row, const struct doc_node *n)
{
	bool only_list = !(row->kinds & (SCHEMA_INT | SCHEMA_PORT));

	/* Nothing, also as "", means that the key is not set. */
	if (n->kind == DOC_NULL ||
	    (n->kind == DOC_STR && !n->len && !(row->flags & SCHEMA_REQUIRED)))
		return true;
	if (n->kind == DOC_MAP)
		return row->kinds & SCHEMA_MAP;
	if (n->kind != DOC_SEQ)
		return scalar_fits(row, n);
	if (!(row->kinds & (SCHEMA_LIST | SCHEMA_COMMAND)))
		return false;
	return !only_list || in_range((int64_t)n->len, row->min, row->max);
}

static void expect_words(const char *words, struct buf *out)
{
	for (const char *w = words; *w;) {
		size_t len = strcspn(w, "|");

		if (w != words)
			buf_str(out, w[len] ? ", " : " or ");
		buf_add(out, w, len);
		w += len + (w[len] == '|');
	}
}

static void expect_range(const struct schema_row *row, const char *of, struct buf *out)
{
	if (row->min == 0 && row->max == 0)
		return;
	if (row->min == row->max)
		buf_fmt(out, " of %lld%s", (long long)row->min, of);
	else
		buf_fmt(out, " %s %lld to %lld%s", *of ? "of" : "from", (long long)row->min,
			(long long)row->max, of);
}

void schema_value_expected(const struct schema_row *row, struct buf *out)
{
	static const char *const what[] = {
#define X(name, text, example) text,
		SCHEMA_KINDS(X)
#undef X
	};
	unsigned left = row->kinds;

	for (unsigned bit = 0; left; bit++) {
		if (!(left & 1u << bit))
			continue;
		left &= ~(1u << bit);
		if (left != (row->kinds & ~(1u << bit)))
			buf_str(out, left || row->kinds & SCHEMA_BOOL ? ", " : " or ");
		if (bit == SCHEMA_BIT_WORD)
			expect_words(row->words, out);
		else
			buf_str(out, what[bit]);
		if (bit == SCHEMA_BIT_INT)
			expect_range(row, "", out);
		else if (bit == SCHEMA_BIT_LIST && !(row->kinds & SCHEMA_INT))
			expect_range(row, " items", out);
	}
}

const char *schema_value_example(const struct schema_row *row)
{
	static const char *const examples[] = {
#define X(name, text, example) example,
		SCHEMA_KINDS(X)
#undef X
	};

	/* The first kind, but for structures, which an example of one line does not explain. */
	for (unsigned bit = SCHEMA_BIT_TEXT; bit < SCHEMA_N_KINDS; bit++)
		if (row->kinds & 1u << bit)
			return examples[bit];
	return NULL;
}
