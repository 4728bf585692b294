/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Document → YAML text in block style. Strings are plain where they read back as the same string,
 * literal blocks where they have several lines, else in double quotes; bytes become !!binary.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/doc/decode.h"
#include "lib/doc/doc.h"
#include "lib/doc/scalar.h"

/* A longer key is written as "? key": of others libyaml reads no more than 1024 characters, and in
 * quotes a byte may take four. */
#define SIMPLE_KEY_MAX 255

static void write_value(const struct doc_node *n, int depth, struct buf *out);

static void indent(int depth, struct buf *out)
{
	for (int i = 0; i < depth; i++)
		buf_str(out, "  ");
}

/* The code point of a C1 control (U+0080…9F), line or paragraph separator, byte order mark or
 * noncharacter (U+FFFE, U+FFFF) that begins here, and its length; 0 for anything else. YAML takes
 * some of them for line breaks, and others only when they are escaped. */
static unsigned special(const char *s, size_t left, size_t *ret_len)
{
	const unsigned char *u = (const unsigned char *)s;

	*ret_len = 2;
	if (left >= 2 && u[0] == 0xc2 && u[1] >= 0x80 && u[1] < 0xa0)
		return u[1];
	*ret_len = 3;
	if (left >= 3 && u[0] == 0xe2 && u[1] == 0x80 && (u[2] == 0xa8 || u[2] == 0xa9))
		return 0x2000u + (u[2] & 0x3fu);
	if (left >= 3 && !memcmp(s, "\xef\xbb\xbf", 3))
		return 0xfeff;
	if (left >= 3 && u[0] == 0xef && u[1] == 0xbf && (u[2] == 0xbe || u[2] == 0xbf))
		return 0xff00u + (u[2] | 0x40u);
	return 0;
}

/* Without control characters and what YAML takes for such. */
static bool is_printable(const char *s, size_t len)
{
	size_t skip;

	for (size_t i = 0; i < len; i++)
		if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f || special(s + i, len - i, &skip))
			return false;
	return true;
}

/* May stand without quotes, as a key or as a value. */
static bool is_plain(const char *s, size_t len)
{
	union scalar_value v;

	if (len == 0 || !is_printable(s, len) || scalar_resolve(s, len, &v) != DOC_STR)
		return false;
	if (strchr("-?:,[]{}#&*!|>'\"%@`=<~ ", s[0]) || s[len - 1] == ' ' || s[len - 1] == ':')
		return false;
	if ((unsigned char)s[0] >= 0x80 || !strncmp(s, "...", 3))
		return false;
	return !strstr(s, ": ") && !strstr(s, " #");
}

static void write_quoted(const char *s, size_t len, struct buf *out)
{
	buf_char(out, '"');
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];
		size_t skip;
		unsigned code = special(s + i, len - i, &skip);

		if (code) {
			buf_fmt(out, "\\u%04x", code);
			i += skip - 1;
		} else if (c == '"' || c == '\\')
			buf_fmt(out, "\\%c", c);
		else if (c == '\n')
			buf_str(out, "\\n");
		else if (c == '\t')
			buf_str(out, "\\t");
		else if (c < 0x20 || c == 0x7f)
			buf_fmt(out, "\\x%02x", c);
		else
			buf_char(out, (char)c);
	}
	buf_char(out, '"');
}

/* Lines of printable text, the first not beginning with a space, exactly one newline at the end. */
static bool is_block(const char *s, size_t len)
{
	if (len < 2 || s[len - 1] != '\n' || s[len - 2] == '\n' || isspace((unsigned char)s[0]))
		return false;
	for (const char *from = s, *end = s + len; from < end;) {
		const char *nl = memchr(from, '\n', (size_t)(end - from));

		if (!is_printable(from, (size_t)(nl - from)) || (nl > from && nl[-1] == ' '))
			return false;
		from = nl + 1;
	}
	return true;
}

static void write_block(const char *s, size_t len, int depth, struct buf *out)
{
	const char *end = s + len;

	buf_str(out, "|\n");
	while (s < end) {
		size_t line = (size_t)((const char *)memchr(s, '\n', (size_t)(end - s)) - s) + 1;

		if (line > 1)
			indent(depth, out);
		buf_add(out, s, line);
		s += line;
	}
}

static void write_string(const struct doc_node *n, int depth, struct buf *out)
{
	if (!scalar_is_text(n->text, n->len)) {
		buf_str(out, "!!binary \"");
		decode_to_base64(n->text, n->len, out);
		buf_str(out, "\"\n");
	} else if (is_block(n->text, n->len)) {
		write_block(n->text, n->len, depth, out);
	} else {
		if (is_plain(n->text, n->len))
			buf_add(out, n->text, n->len);
		else
			write_quoted(n->text, n->len, out);
		buf_char(out, '\n');
	}
}

/* A number whose text is none in YAML: the fewest digits that read back the same, and a point. */
static void write_float(double number, struct buf *out)
{
	char text[40];
	size_t mantissa;
	int digits = 15;

	if (__builtin_isinf(number)) {
		buf_str(out, number < 0 ? "-.inf" : ".inf");
		return;
	}
	do
		(void)snprintf(text, sizeof(text), "%.*g", digits, number);
	while (strtod(text, NULL) != number && ++digits <= 17);
	mantissa = strcspn(text, "e");
	buf_add(out, text, mantissa);
	if (!memchr(text, '.', mantissa))
		buf_str(out, ".0");
	buf_str(out, text + mantissa);
}

/* Null, booleans and numbers; a number as JSON writes it (1e5) may be none in YAML. */
static void write_plain(const struct doc_node *n, struct buf *out)
{
	union scalar_value v;

	if (n->kind == DOC_NULL)
		buf_str(out, "null");
	else if (n->kind == DOC_FLOAT && scalar_resolve(n->text, n->len, &v) == DOC_STR)
		write_float(n->number, out);
	else
		buf_add(out, n->text, n->len);
	buf_char(out, '\n');
}

static void write_key(const char *key, int depth, struct buf *out)
{
	size_t len = strlen(key);

	if (len > SIMPLE_KEY_MAX)
		buf_str(out, "? ");
	if (is_plain(key, len))
		buf_str(out, key);
	else
		write_quoted(key, len, out);
	if (len > SIMPLE_KEY_MAX) {
		buf_char(out, '\n');
		indent(depth, out);
	}
	buf_char(out, ':');
}

static void write_pairs(const struct doc_node *n, int depth, bool first_inline, struct buf *out)
{
	for (size_t i = 0; i < n->len; i++) {
		const struct doc_pair *p = &n->pairs[i];

		if (i || !first_inline)
			indent(depth, out);
		write_key(p->key, depth, out);
		write_value(p->val, depth, out);
	}
}

static void write_items(const struct doc_node *n, int depth, struct buf *out)
{
	for (size_t i = 0; i < n->len; i++) {
		const struct doc_node *item = n->items[i];

		indent(depth, out);
		buf_char(out, '-');
		if (item->kind == DOC_MAP && item->len) {
			buf_char(out, ' ');
			write_pairs(item, depth + 1, true, out);
		} else {
			write_value(item, depth, out);
		}
	}
}

/* What follows "key:" or "-". */
static void write_value(const struct doc_node *n, int depth, struct buf *out)
{
	if (n->kind == DOC_MAP && n->len) {
		buf_char(out, '\n');
		write_pairs(n, depth + 1, false, out);
	} else if (n->kind == DOC_SEQ && n->len) {
		buf_char(out, '\n');
		write_items(n, depth + 1, out);
	} else if (n->kind == DOC_MAP || n->kind == DOC_SEQ) {
		buf_str(out, n->kind == DOC_MAP ? " {}\n" : " []\n");
	} else if (n->kind == DOC_STR) {
		buf_char(out, ' ');
		write_string(n, depth + 1, out);
	} else {
		buf_char(out, ' ');
		write_plain(n, out);
	}
}

void doc_yaml_write(const struct doc_node *n, struct buf *out)
{
	if (n->kind == DOC_MAP && n->len)
		write_pairs(n, 0, false, out);
	else if (n->kind == DOC_SEQ && n->len)
		write_items(n, 0, out);
	else if (n->kind == DOC_MAP || n->kind == DOC_SEQ)
		buf_str(out, n->kind == DOC_MAP ? "{}\n" : "[]\n");
	else if (n->kind == DOC_STR)
		write_string(n, 1, out);
	else
		write_plain(n, out);
}
