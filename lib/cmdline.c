/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Splitting the kernel command line. What a value means (YAML, lists) is not decided here.
 */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "lib/buf.h"
#include "lib/cmdline.h"
#include "lib/file.h"

/* More than any kernel passes on; what it really takes is CMDLINE_MAX. */
#define READ_MAX 65536

/* A quotation mark, and the others that may end what it began; itself always does. */
struct quote {
	const char *mark, *ends;
};

/* Unicode's property Quotation_Mark. */
static const struct quote quotes[] = {
	{ "\"", "" }, { "'", "" },
	{ "«", "»" }, { "»", "«" }, { "‹", "›" }, { "›", "‹" },
	{ "‘", "’" }, { "’", "" }, { "‚", "’‘" }, { "‛", "’" },
	{ "“", "”" }, { "”", "" }, { "„", "”“" }, { "‟", "”" },
	{ "⹂", "”" }, { "「", "」" }, { "」", "" }, { "『", "』" }, { "』", "" },
	{ "〝", "〞" }, { "〞", "" }, { "〟", "" },
	{ "﹁", "﹂" }, { "﹂", "" }, { "﹃", "﹄" }, { "﹄", "" },
	{ "＂", "" }, { "＇", "" }, { "｢", "｣" }, { "｣", "" },
};

/* What [ begins: only ] ends it, whatever quotes are inside. */
static const struct quote bracket = { "[", "" };

static const struct quote *quote_at(const char *s)
{
	for (size_t i = 0; i < ARRAY_LEN(quotes); i++)
		if (strncmp(s, quotes[i].mark, strlen(quotes[i].mark)) == 0)
			return &quotes[i];
	return NULL;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The length of what ends `open` at s; 0 when it goes on. */
static size_t closing_at(const char *s, const struct quote *open)
{
	const struct quote *q = quote_at(s);

	if (open == &bracket)
		return *s == ']';
	return q && (q == open || strstr(open->ends, q->mark)) ? strlen(q->mark) : 0;
}

/* Copy one word from s, which stands at its first byte, to `to`, `\"` unescaped. Returns where it
 * ends in the line, NULL when `limit` comes first. `to` needs as much room as it takes there, and a
 * NUL. *ret_open: it ends because the line does, inside of a quote or bracket. */
static const char *copy_word(const char *s, const char *limit, char *to, bool *ret_open)
{
	const struct quote *open = NULL;

	while (*s != '\0' && (open || !is_space(*s))) {
		size_t n = 0;

		if (s[0] == '\\' && s[1] == '"')
			s++;
		if (open) {
			n = closing_at(s, open);
			open = n > 0 ? NULL : open;
		} else {
			open = *s == '[' ? &bracket : quote_at(s);
			n = open ? strlen(open->mark) : 1;
		}
		n = n > 0 ? n : 1;
		if ((ptrdiff_t)n > limit - s)
			return NULL;
		memcpy(to, s, n);
		to += n;
		s += n;
	}
	*to = '\0';
	*ret_open = open != NULL;
	return s;
}

/* Value without the quotes around the whole of it, copied to `to` when there are any. */
static const char *unquote(const char *value, char *to)
{
	const struct quote *q = quote_at(value);
	size_t end, n = 0;

	if (!q)
		return value;
	/* The quote must close at the very end, not before: 'a' 'b' is no quoted text. */
	end = strlen(q->mark);
	while (value[end] != '\0' && (n = closing_at(value + end, q)) == 0)
		end++;
	if (value[end] == '\0' || value[end + n] != '\0')
		return value;
	n = end - strlen(q->mark);
	memcpy(to, value + strlen(q->mark), n);
	to[n] = '\0';
	return to;
}

/* Take the word that was copied to `text`; returns the first free byte behind it. */
static char *add_word(struct cmdline *c, char *text, unsigned column)
{
	struct cmdline_word *w = &c->words[c->n_words++];
	char *next = text + strlen(text) + 1;
	char *equals = strchr(text, '=');

	w->key = text;
	w->value = NULL;
	w->plain = NULL;
	w->column = column;
	if (!equals)
		return next;
	*equals = '\0';
	w->value = equals + 1;
	w->plain = unquote(w->value, next);
	return w->plain == next ? next + strlen(next) + 1 : next;
}

bool cmdline_parse(struct cmdline *c, const char *line)
{
	const char *const limit = line + strnlen(line, CMDLINE_MAX);
	const char *s = line, *end;
	char *to = c->text;

	c->n_words = 0;
	c->open = false;
	for (;;) {
		while (is_space(*s))
			s++;
		if (*s == '\0')
			return true;
		/* Past the limit there may be spaces, but no word. */
		if (c->n_words == CMDLINE_WORDS || s >= limit)
			return false;
		end = copy_word(s, limit, to, &c->open);
		if (!end)
			return false;
		to = add_word(c, to, (unsigned)(s - line) + 1);
		s = end;
	}
}

int cmdline_load(struct cmdline *c, int root, struct error *err)
{
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(READ_MAX);
	int r;

	c->n_words = 0;
	r = file_read(root, "/proc/cmdline", &b, err);
	if (r < 0)
		return r;
	if (!cmdline_parse(c, buf_text(&b)))
		return error_set(err, E2BIG, "/proc/cmdline: more than %d bytes or %d words",
				 CMDLINE_MAX, CMDLINE_WORDS);
	return 0;
}

static const struct cmdline_word *find_last(const struct cmdline *c, const char *key)
{
	for (size_t i = c->n_words; i > 0; i--)
		if (strcmp(c->words[i - 1].key, key) == 0)
			return &c->words[i - 1];
	return NULL;
}

const char *cmdline_get(const struct cmdline *c, const char *key)
{
	const struct cmdline_word *w = find_last(c, key);

	if (!w)
		return NULL;
	return w->plain ? w->plain : "true";
}

bool cmdline_flag(const struct cmdline *c, const char *key)
{
	static const char *const no[] = { "false", "0", "no", "off" };
	const char *value = cmdline_get(c, key);

	for (size_t i = 0; value && i < ARRAY_LEN(no); i++)
		if (strcasecmp(value, no[i]) == 0)
			return false;
	return value != NULL;
}
