/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the kernel line. Words and quotes are lib/cmdline.c's, values are value.c's.
 */
#include "agent/config/line.h"

#include <ctype.h>
#include <string.h>

#include "agent/config/value.h"
#include "lib/cmdline.h"
#include "lib/doc/tree.h"
#include "lib/scope.h"

#define SECTION "cc:"
#define SECTION_END "end_cc"
/* A line that has more sections than this is nobody's. */
#define SECTIONS_MAX 32

struct line {
	struct doc_pool *pool;
	const struct doc_node *doc; /* so far */
};

static struct doc_origin at_column(size_t column)
{
	return (struct doc_origin){ LINE_SOURCE, 1, (unsigned)column };
}

static void merge(struct line *l, const struct doc_node *doc)
{
	if (doc)
		l->doc = doc_merge(l->pool, l->doc, doc);
}

/* --- words --- */

/* "rancher.x.y" as it is, "cc.x" without its prefix; NULL for words of others. */
static const char *key_path(const char *key)
{
	if (!strncmp(key, "cc.", 3))
		return key + 3;
	return strncmp(key, "rancher.", 8) ? NULL : key;
}

static void read_word(struct line *l, const struct cmdline_word *w)
{
	const char *path = key_path(w->key);
	struct doc_origin at = at_column(w->column);
	const struct doc_node *val, *doc;

	if (!path)
		return;
	val = value_parse(l->pool, at, w->value ? w->value : "true");
	doc = val ? doc_with(l->pool, NULL, path, val) : NULL;
	if (!doc)
		doc_say(l->pool, true, at,
			"\"%.80s\" is no valid key: ignored (names are separated by single dots)",
			w->key);
	merge(l, doc);
}

/* What is behind " -- ", for services that ask for it. */
static void read_extra(struct line *l, const char *text, size_t column)
{
	struct doc_origin at = at_column(column);
	size_t len = strlen(text);
	const struct doc_node *val;

	while (len && isspace((unsigned char)text[len - 1]))
		len--;
	val = len ? tree_str(l->pool, at, text, len) : NULL;
	if (!val)
		return;
	merge(l, doc_with(l->pool, NULL, "EXTRA_CMDLINE", val));
	merge(l, doc_with(l->pool, NULL, "rancher.environment.EXTRA_CMDLINE", val));
}

static void read_words(struct line *l, const char *text)
{
	AUTO_FREE struct cmdline *words = calloc(1, sizeof(*words));

	if (!words)
		return;
	if (!cmdline_parse(words, text))
		doc_say(l->pool, true, at_column(0),
			"the kernel line is too long: its end is ignored (at most %d bytes)",
			CMDLINE_MAX);
	for (size_t i = 0; i < words->n_words; i++) {
		const struct cmdline_word *w = &words->words[i];

		if (!strcmp(w->key, "--") && !w->value && i + 1 < words->n_words) {
			size_t from = words->words[i + 1].column;

			read_extra(l, text + from - 1, from);
		}
		read_word(l, w);
	}
}

/* --- sections --- */

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "%5B" → "[", "\n" → a line end. */
static void decode(const char *s, size_t len, struct buf *out)
{
	for (size_t i = 0; i < len; i++) {
		bool two = i + 2 < len;
		int high = s[i] == '%' && two ? hex_digit(s[i + 1]) : -1;
		int low = high >= 0 ? hex_digit(s[i + 2]) : -1;

		if (low >= 0 && (high || low)) {
			buf_char(out, (char)(high << 4 | low));
			i += 2;
		} else if (s[i] == '\\' && i + 1 < len && s[i + 1] == 'n') {
			buf_char(out, '\n');
			i++;
		} else {
			buf_char(out, s[i]);
		}
	}
}

static void read_section(struct line *l, const char *s, size_t len, size_t column)
{
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(CMDLINE_MAX);
	const struct doc_node *doc = NULL;
	struct error err = { 0 };

	for (; len && isspace((unsigned char)*s); s++)
		len--;
	decode(s, len, &text);
	if (doc_yaml(l->pool, LINE_SOURCE, buf_text(&text), text.len, &doc, &err) < 0) {
		doc_say_error(l->pool, LINE_SOURCE, &err);
		return;
	}
	if (doc->kind == DOC_NULL)
		return;
	if (doc->kind == DOC_MAP)
		merge(l, doc);
	else
		doc_say(l->pool, true, at_column(column),
			"cc: holds no \"key: value\" (end it with end_cc)");
}

/* The next "cc:" that begins a word: BOOTIF=01:aa:cc:12 has none. */
static char *find_section(const char *text, char *from)
{
	while ((from = strstr(from, SECTION))) {
		if (from == text || isspace((unsigned char)from[-1]))
			return from;
		from += strlen(SECTION);
	}
	return NULL;
}

/* Sections are read first, and blanked, so that nothing in them counts as a word. */
static void read_sections(struct line *l, char *text)
{
	char *at = text;

	for (int i = 0; i < SECTIONS_MAX && (at = find_section(text, at)); i++) {
		char *body = at + strlen(SECTION);
		char *end = strstr(body, SECTION_END);
		size_t len = end ? (size_t)(end - body) : strlen(body);
		char *rest = end ? end + strlen(SECTION_END) : body + len;

		read_section(l, body, len, (size_t)(at - text) + 1);
		memset(at, ' ', (size_t)(rest - at));
		at = rest;
	}
}

const struct doc_node *line_document(struct doc_pool *p, const char *text)
{
	struct line l = { .pool = p };
	AUTO_FREE char *copy = strdup(text);

	l.doc = tree_map(p, at_column(1), NULL, 0, 0);
	if (!copy || !l.doc)
		return NULL;
	read_sections(&l, copy);
	read_words(&l, copy);
	return l.doc;
}
