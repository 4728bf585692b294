/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values in templates, as Python has them.
 */
#include "agent/userdata/jinja_value.h"

#include <string.h>

/* "instance-id" and "instance_id" are the same name. */
static bool is_alias(const char *a, const char *b)
{
	for (; *a && *b; a++, b++)
		if (*a != *b && !(strchr("-_", *a) && strchr("-_", *b)))
			return false;
	return *a == *b;
}

const struct doc_node *jinja_value_key(const struct doc_node *map, const char *name)
{
	const struct doc_node *n = doc_key(map, name);

	if (n || !map || map->kind != DOC_MAP)
		return n;
	for (size_t i = 0; i < map->len; i++)
		if (is_alias(map->pairs[i].key, name))
			return map->pairs[i].val;
	return NULL;
}

const struct doc_node *jinja_value_index(const struct doc_node *n, const struct doc_node *key,
					 bool minus)
{
	size_t index;

	if (!n || !doc_is_scalar(key))
		return NULL;
	if (n->kind == DOC_MAP)
		return minus ? NULL : doc_key(n, key->text);
	if (n->kind != DOC_SEQ || key->kind != DOC_INT || key->integer < 0)
		return NULL;
	index = (size_t)key->integer;
	if (minus)
		return index >= 1 && index <= n->len ? n->items[n->len - index] : NULL;
	return index < n->len ? n->items[index] : NULL;
}

bool jinja_value_is_true(const struct doc_node *n)
{
	if (!n || n->kind == DOC_NULL)
		return false;
	if (n->kind == DOC_BOOL)
		return n->boolean;
	if (n->kind == DOC_INT)
		return n->integer != 0;
	if (n->kind == DOC_FLOAT)
		return n->number < 0 || n->number > 0;
	return n->len > 0;
}

static bool is_number(const struct doc_node *n)
{
	return n->kind == DOC_BOOL || n->kind == DOC_INT || n->kind == DOC_FLOAT;
}

/* In Python true is 1. */
static double number_of(const struct doc_node *n)
{
	if (n->kind == DOC_BOOL)
		return n->boolean;
	return n->kind == DOC_INT ? (double)n->integer : n->number;
}

/* Numbers are compared as numbers, texts as texts; *ret is below, at or above 0. */
static bool order(const struct doc_node *a, const struct doc_node *b, int *ret)
{
	if (a->kind == DOC_INT && b->kind == DOC_INT) {
		*ret = (a->integer > b->integer) - (a->integer < b->integer);
		return true;
	}
	if (is_number(a) && is_number(b)) {
		*ret = (number_of(a) > number_of(b)) - (number_of(a) < number_of(b));
		return true;
	}
	if (a->kind != DOC_STR || b->kind != DOC_STR)
		return false;
	*ret = strcmp(a->text, b->text);
	return true;
}

static bool is_equal(const struct doc_node *a, const struct doc_node *b)
{
	AUTO_BUF struct buf x = { 0 }, y = { 0 };
	int difference;

	if (!a || !b)
		return !a && !b;
	if (order(a, b, &difference))
		return difference == 0;
	if (a->kind != b->kind)
		return false;
	doc_json_write(a, &x);
	doc_json_write(b, &y);
	return !x.failed && !y.failed && !strcmp(buf_text(&x), buf_text(&y));
}

bool jinja_value_contains(const struct doc_node *whole, const struct doc_node *piece)
{
	if (!whole || !piece)
		return false;
	if (whole->kind == DOC_STR)
		return piece->kind == DOC_STR && strstr(whole->text, piece->text);
	if (whole->kind == DOC_MAP)
		return piece->kind == DOC_STR && doc_key(whole, piece->text);
	for (size_t i = 0; whole->kind == DOC_SEQ && i < whole->len; i++)
		if (is_equal(whole->items[i], piece))
			return true;
	return false;
}

bool jinja_value_compare(const struct doc_node *a, const struct doc_node *b, const char *sign,
			 size_t len)
{
	bool or_equal = len == 2;
	int difference;

	if (*sign == '=' || *sign == '!')
		return is_equal(a, b) == (*sign == '=');
	if (!a || !b || !order(a, b, &difference))
		return false;
	if (difference == 0)
		return or_equal;
	return *sign == '<' ? difference < 0 : difference > 0;
}

static void print_text(const char *s, size_t len, struct buf *out)
{
	char quote = memchr(s, '\'', len) && !memchr(s, '"', len) ? '"' : '\'';

	buf_char(out, quote);
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c == '\n')
			buf_str(out, "\\n");
		else if (c == '\t')
			buf_str(out, "\\t");
		else if (c < 0x20 || c == 0x7f)
			buf_fmt(out, "\\x%02x", c);
		else if (s[i] == quote || c == '\\')
			buf_fmt(out, "\\%c", c);
		else
			buf_char(out, s[i]);
	}
	buf_char(out, quote);
}

static void print_list(const struct doc_node *n, struct buf *out)
{
	buf_char(out, '[');
	for (size_t i = 0; i < n->len && !out->failed; i++) {
		buf_str(out, i ? ", " : "");
		jinja_value_print(n->items[i], true, out);
	}
	buf_char(out, ']');
}

static void print_map(const struct doc_node *n, struct buf *out)
{
	buf_char(out, '{');
	for (size_t i = 0; i < n->len && !out->failed; i++) {
		buf_str(out, i ? ", " : "");
		print_text(n->pairs[i].key, strlen(n->pairs[i].key), out);
		buf_str(out, ": ");
		jinja_value_print(n->pairs[i].val, true, out);
	}
	buf_char(out, '}');
}

void jinja_value_print(const struct doc_node *n, bool quoted, struct buf *out)
{
	switch (n->kind) {
	case DOC_NULL:
		buf_str(out, "None");
		break;
	case DOC_BOOL:
		buf_str(out, n->boolean ? "True" : "False");
		break;
	case DOC_INT:
		buf_fmt(out, "%lld", (long long)n->integer);
		break;
	case DOC_FLOAT:
		buf_add(out, n->text, n->len);
		break;
	case DOC_STR:
		if (quoted)
			print_text(n->text, n->len, out);
		else
			buf_add(out, n->text, n->len);
		break;
	case DOC_SEQ:
		print_list(n, out);
		break;
	case DOC_MAP:
		print_map(n, out);
		break;
	}
}
