/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Expressions of templates. What is not known here is refused by name, never guessed.
 */
#include "agent/userdata/jinja_expr.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "agent/userdata/jinja_value.h"
#include "lib/doc/scalar.h"
#include "lib/doc/tree.h"

/* Parentheses, brackets and "not" in one another. */
#define NESTING 32

static bool read_or(struct jinja_expr *e, struct jinja_value *ret);

/* --- refusing --- */

static bool refuse(struct jinja_expr *e, const char *what)
{
	jinja_token_refuse(e, what);
	return false;
}

static bool wrong(struct jinja_expr *e)
{
	jinja_token_wrong(e);
	return false;
}

/* Over the current token, which must be this one. */
static bool expect(struct jinja_expr *e, const char *text)
{
	if (!jinja_token_is(e, text))
		return wrong(e);
	jinja_token_next(e);
	return true;
}

/* --- values --- */

static void is_missing(const struct jinja_expr *e, struct jinja_value *v)
{
	v->node = NULL;
	jinja_token_name(e, v->missing);
}

static bool give(struct jinja_expr *e, struct jinja_value *ret, const struct doc_node *n)
{
	ret->node = n;
	ret->missing[0] = '\0';
	return n ? true : refuse(e, "no memory at");
}

static bool read_string(struct jinja_expr *e, struct jinja_value *ret)
{
	const char *end = e->from + e->len - 1;
	AUTO_BUF struct buf text = { 0 };

	for (const char *s = e->from + 1; s < end; s++) {
		if (*s != '\\') {
			buf_char(&text, *s);
			continue;
		}
		s++;
		if (strchr("\\'\"", *s))
			buf_char(&text, *s);
		else if (*s == 'n' || *s == 't')
			buf_char(&text, *s == 'n' ? '\n' : '\t');
		else
			return refuse(e, "an escape other than \\n, \\t, \\\\ and quotes in");
	}
	jinja_token_next(e);
	return give(e, ret, tree_str(e->pool, (struct doc_origin){ 0 }, buf_text(&text), text.len));
}

static bool read_number(struct jinja_expr *e, struct jinja_value *ret)
{
	bool good = e->len <= 18;
	int64_t number = 0;

	for (size_t i = 0; good && i < e->len; i++) {
		good = isdigit((unsigned char)e->from[i]);
		number = number * 10 + (e->from[i] - '0');
	}
	if (!good || (e->at < e->end && *e->at == '.'))
		return refuse(e, "the number");
	jinja_token_next(e);
	return give(e, ret, doc_new_int(e->pool, NULL, number));
}

/* "loop", with what is told about the turn. */
static const struct doc_node *make_loop(struct jinja_expr *e, const struct jinja_scope *s)
{
	struct doc_pool *p = e->pool;
	const struct doc_pair pairs[] = {
		{ .key = "index", .val = doc_new_int(p, NULL, (int64_t)s->index + 1) },
		{ .key = "index0", .val = doc_new_int(p, NULL, (int64_t)s->index) },
		{ .key = "length", .val = doc_new_int(p, NULL, (int64_t)s->length) },
		{ .key = "first", .val = doc_new_bool(p, NULL, s->index == 0) },
		{ .key = "last", .val = doc_new_bool(p, NULL, s->index + 1 == s->length) },
	};

	for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
		if (!pairs[i].val)
			return NULL;
	return tree_map(p, (struct doc_origin){ 0 }, pairs, ARRAY_LEN(pairs), 0);
}

/* Loops' names, then the variables, then those of v1. */
static const struct doc_node *find_name(struct jinja_expr *e, const char *name)
{
	const struct doc_node *n;

	for (const struct jinja_scope *s = e->scope; s; s = s->outer)
		if (!strcmp(s->name, name))
			return s->node;
	if (!strcmp(name, "loop") && e->scope)
		return make_loop(e, e->scope);
	n = jinja_value_key(e->vars, name);
	return n ? n : jinja_value_key(doc_key(e->vars, "v1"), name);
}

static bool read_constant(struct jinja_expr *e, struct jinja_value *ret)
{
	bool yes = jinja_token_is(e, "true") || jinja_token_is(e, "True");
	struct doc_node *none;

	if (!yes && !jinja_token_is(e, "false") && !jinja_token_is(e, "False")) {
		none = tree_node(e->pool, DOC_NULL, (struct doc_origin){ 0 });
		if (none)
			none->text = "";
		jinja_token_next(e);
		return give(e, ret, none);
	}
	jinja_token_next(e);
	return give(e, ret, doc_new_bool(e->pool, NULL, yes));
}

static bool is_one_of(const struct jinja_expr *e, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (jinja_token_is(e, words[i]))
			return true;
	return false;
}

static bool read_name(struct jinja_expr *e, struct jinja_value *ret)
{
	static const char *const constants[] = { "true", "True", "false", "False", "none", "None" };
	static const char *const reserved[] = { "and", "or",  "if",  "else", "is",
						"in",  "for", "not", "elif" };
	char name[JINJA_NAME];

	if (is_one_of(e, constants, ARRAY_LEN(constants)))
		return read_constant(e, ret);
	if (is_one_of(e, reserved, ARRAY_LEN(reserved)) || e->len >= JINJA_NAME)
		return wrong(e);
	jinja_token_name(e, name);
	ret->node = find_name(e, name);
	if (!ret->node)
		is_missing(e, ret);
	jinja_token_next(e);
	return true;
}

static bool read_group(struct jinja_expr *e, struct jinja_value *ret)
{
	jinja_token_next(e);
	if (++e->depth > NESTING)
		return refuse(e, "nesting as deep as at");
	if (!read_or(e, ret) || !expect(e, ")"))
		return false;
	e->depth--;
	return true;
}

static bool read_primary(struct jinja_expr *e, struct jinja_value *ret)
{
	ret->place = e->from;
	switch (e->token) {
	case JINJA_STRING:
		return read_string(e, ret);
	case JINJA_NUMBER:
		return read_number(e, ret);
	case JINJA_WORD:
		return read_name(e, ret);
	case JINJA_END:
	case JINJA_BAD:
		return wrong(e);
	case JINJA_SIGN:
		break;
	}
	if (jinja_token_is(e, "("))
		return read_group(e, ret);
	if (jinja_token_is(e, "["))
		return refuse(e, "a list, written as");
	if (jinja_token_is(e, "{"))
		return refuse(e, "a map, written as");
	if (jinja_token_is(e, "+") || jinja_token_is(e, "-"))
		return refuse(e, "the operator");
	return wrong(e);
}

static bool read_attribute(struct jinja_expr *e, struct jinja_value *v)
{
	char name[JINJA_NAME];

	jinja_token_next(e);
	if ((e->token != JINJA_WORD && e->token != JINJA_NUMBER) || e->len >= JINJA_NAME)
		return wrong(e);
	jinja_token_name(e, name);
	v->node = jinja_value_key(v->node, name);
	if (!v->node)
		is_missing(e, v);
	jinja_token_next(e);
	return true;
}

/* [expression], with a minus sign for counting from the end */
static bool read_index(struct jinja_expr *e, struct jinja_value *v)
{
	struct jinja_value key = { 0 };
	bool minus;

	jinja_token_next(e);
	if (++e->depth > NESTING)
		return refuse(e, "nesting as deep as at");
	minus = jinja_token_is(e, "-");
	if (minus)
		jinja_token_next(e);
	if (minus && e->token != JINJA_NUMBER)
		return refuse(e, "the operator -, before");
	if (!read_or(e, &key))
		return false;
	if (jinja_token_is(e, ":"))
		return refuse(e, "a slice, with");
	if (!expect(e, "]"))
		return false;
	e->depth--;
	v->node = key.node ? jinja_value_index(v->node, key.node, minus) : NULL;
	if (!v->node)
		(void)snprintf(v->missing, JINJA_NAME, "%.60s",
			       key.node && key.node->text ? key.node->text : key.missing);
	return true;
}

static bool read_postfix(struct jinja_expr *e, struct jinja_value *ret)
{
	if (!read_primary(e, ret))
		return false;
	for (;;) {
		if (jinja_token_is(e, "(")) {
			e->from = ret->place;
			e->len = (size_t)(e->at - 1 - ret->place);
			return refuse(e, "calling");
		}
		if (jinja_token_is(e, ".")) {
			if (!read_attribute(e, ret))
				return false;
		} else if (jinja_token_is(e, "[")) {
			if (!read_index(e, ret))
				return false;
		} else {
			return true;
		}
	}
}

/* default(value) and default(value, true) */
static bool read_default(struct jinja_expr *e, struct jinja_value *v)
{
	struct jinja_value other = { 0 }, also = { 0 };

	if (!expect(e, "("))
		return false;
	if (++e->depth > NESTING)
		return refuse(e, "nesting as deep as at");
	if (jinja_token_is(e, ")"))
		(void)give(e, &other, doc_new_str(e->pool, NULL, ""));
	else if (!read_or(e, &other))
		return false;
	if (jinja_token_is(e, ",")) {
		jinja_token_next(e);
		if (jinja_token_is(e, "boolean"))
			return refuse(e, "an argument by its name,");
		if (!read_or(e, &also))
			return false;
	}
	if (!expect(e, ")"))
		return false;
	e->depth--;
	if (!v->node || (jinja_expr_is_true(&also) && !jinja_expr_is_true(v)))
		*v = other;
	return true;
}

static bool read_filtered(struct jinja_expr *e, struct jinja_value *ret)
{
	if (!read_postfix(e, ret))
		return false;
	while (jinja_token_is(e, "|")) {
		jinja_token_next(e);
		if (!jinja_token_is(e, "default") && !jinja_token_is(e, "d"))
			return refuse(e, "the filter");
		jinja_token_next(e);
		if (!read_default(e, ret))
			return false;
	}
	if (e->token == JINJA_SIGN && strchr("+-*/%~", *e->from))
		return refuse(e, "the operator");
	return true;
}

static bool give_bool(struct jinja_expr *e, struct jinja_value *v, bool value)
{
	return give(e, v, doc_new_bool(e->pool, NULL, value));
}

static bool read_test(struct jinja_expr *e, struct jinja_value *v)
{
	bool negated, result;

	jinja_token_next(e);
	negated = jinja_token_is(e, "not");
	if (negated)
		jinja_token_next(e);
	if (jinja_token_is(e, "defined"))
		result = v->node;
	else if (jinja_token_is(e, "undefined"))
		result = !v->node;
	else if (jinja_token_is(e, "none"))
		result = v->node && v->node->kind == DOC_NULL;
	else
		return refuse(e, "the test");
	jinja_token_next(e);
	return give_bool(e, v, result != negated);
}

/* The operator's token is current; "not in" has two. */
static bool read_comparison(struct jinja_expr *e, struct jinja_value *v)
{
	struct jinja_value other = { 0 };
	const char *sign = e->from;
	size_t len = e->len;
	bool negated = jinja_token_is(e, "not"), is_in = negated || jinja_token_is(e, "in");

	jinja_token_next(e);
	if (negated && !expect(e, "in"))
		return false;
	if (!read_filtered(e, &other))
		return false;
	if (is_in)
		return give_bool(e, v, jinja_value_contains(other.node, v->node) != negated);
	return give_bool(e, v, jinja_value_compare(v->node, other.node, sign, len));
}

static bool read_compared(struct jinja_expr *e, struct jinja_value *ret)
{
	static const char *const signs[] = { "==", "!=", "<", "<=", ">", ">=", "in", "not" };
	bool good = read_filtered(e, ret);

	if (good && jinja_token_is(e, "is"))
		good = read_test(e, ret);
	else if (good && is_one_of(e, signs, ARRAY_LEN(signs)))
		good = read_comparison(e, ret);
	if (good && (is_one_of(e, signs, ARRAY_LEN(signs)) || jinja_token_is(e, "is")))
		return refuse(e, "a second comparison,");
	return good;
}

static bool read_not(struct jinja_expr *e, struct jinja_value *ret)
{
	if (!jinja_token_is(e, "not"))
		return read_compared(e, ret);
	jinja_token_next(e);
	if (++e->depth > NESTING)
		return refuse(e, "nesting as deep as at");
	if (!read_not(e, ret))
		return false;
	e->depth--;
	return give_bool(e, ret, !jinja_expr_is_true(ret));
}

static bool read_and(struct jinja_expr *e, struct jinja_value *ret)
{
	if (!read_not(e, ret))
		return false;
	while (jinja_token_is(e, "and")) {
		struct jinja_value right = { 0 };

		jinja_token_next(e);
		if (!read_not(e, &right))
			return false;
		if (jinja_expr_is_true(ret))
			*ret = right;
	}
	return true;
}

static bool read_or(struct jinja_expr *e, struct jinja_value *ret)
{
	if (!read_and(e, ret))
		return false;
	while (jinja_token_is(e, "or")) {
		struct jinja_value right = { 0 };

		jinja_token_next(e);
		if (!read_and(e, &right))
			return false;
		if (!jinja_expr_is_true(ret))
			*ret = right;
	}
	if (jinja_token_is(e, "if"))
		return refuse(e, "a condition within an expression,");
	return true;
}

bool jinja_expr_read(struct jinja_expr *e, struct jinja_value *ret)
{
	*ret = (struct jinja_value){ 0 };
	return read_or(e, ret);
}

bool jinja_expr_is_true(const struct jinja_value *v)
{
	return jinja_value_is_true(v->node);
}

void jinja_expr_print(const struct doc_node *n, struct buf *out)
{
	jinja_value_print(n, false, out);
}
