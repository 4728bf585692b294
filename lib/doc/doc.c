/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pool in which documents live, the messages about them, and builders for values that come from
 * code. Knows no format: yaml.c and json.c read, merge.c merges, path.c looks up.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/doc/doc.h"
#include "lib/doc/tree.h"

/* A pool never grows beyond this: the last line of defence behind the limits of doc.h. */
#define POOL_MAX (128u << 20)
#define CHUNK_MIN 4096u
#define CHUNK_MAX (256u << 10)
/* Messages beyond this are counted only: a hostile file must not fill the screen. */
#define MESSAGES_MAX 200

struct chunk {
	struct chunk *next;
	size_t used, size;
	max_align_t data[];
};

struct doc_pool {
	struct chunk *chunks; /* newest first; only the newest has room */
	size_t total;
	struct doc_message *messages;
	size_t n_messages;
	size_t lost; /* messages that were not kept */
};

int doc_pool_new(struct doc_pool **ret, struct error *err)
{
	struct doc_pool *p = calloc(1, sizeof(*p));

	if (!p)
		return error_set(err, ENOMEM, "no memory for a document");
	*ret = p;
	return 0;
}

void doc_pool_free(struct doc_pool *p)
{
	if (!p)
		return;
	for (struct chunk *c = p->chunks, *next; c; c = next) {
		next = c->next;
		free(c);
	}
	free(p->messages);
	free(p);
}

static struct chunk *add_chunk(struct doc_pool *p, size_t need)
{
	size_t size = p->chunks ? p->chunks->size * 2 : CHUNK_MIN;
	struct chunk *c;

	if (size > CHUNK_MAX)
		size = CHUNK_MAX;
	if (size < need)
		size = need;
	if (p->total + size > POOL_MAX)
		return NULL;
	c = malloc(sizeof(*c) + size);
	if (!c)
		return NULL;
	c->used = 0;
	c->size = size;
	c->next = p->chunks;
	p->chunks = c;
	p->total += size;
	return c;
}

void *doc_alloc(struct doc_pool *p, size_t size)
{
	struct chunk *c = p->chunks;
	void *ret;

	if (size > POOL_MAX)
		return NULL;
	size = (size + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
	if (size == 0)
		size = sizeof(max_align_t);
	if (!c || c->size - c->used < size)
		c = add_chunk(p, size);
	if (!c)
		return NULL;
	ret = (char *)c->data + c->used;
	c->used += size;
	return ret;
}

const char *doc_strdup(struct doc_pool *p, const char *s, size_t len)
{
	char *copy = doc_alloc(p, len + 1);

	if (!copy)
		return NULL;
	if (len)
		memcpy(copy, s, len);
	copy[len] = '\0';
	return copy;
}

static bool same_place(const struct doc_message *m, struct doc_origin at)
{
	return m->origin.line == at.line && m->origin.column == at.column &&
	       !strcmp(m->origin.source ? m->origin.source : "", at.source ? at.source : "");
}

/* What is said about the place of an error follows from it: who checks a value and who uses it both
 * see that it is wrong. */
static bool is_known(const struct doc_message *m, struct doc_origin at, const char *text)
{
	return same_place(m, at) && ((at.line && m->is_error) || !strcmp(m->text, text));
}

/* One line, and nothing that a terminal would obey. */
static const char *clean_text(struct doc_pool *p, const char *text)
{
	char *copy = doc_alloc(p, strlen(text) + 1), *to = copy;

	for (; copy && *text; text++)
		*to++ = (unsigned char)*text < ' ' || *text == 0x7f ? '?' : *text;
	if (copy)
		*to = '\0';
	return copy;
}

static void keep_message(struct doc_pool *p, bool is_error, struct doc_origin at, const char *text)
{
	struct doc_message *m;

	for (size_t i = 0; i < p->n_messages; i++)
		if (is_known(&p->messages[i], at, text))
			return;
	if (!p->messages)
		p->messages = calloc(MESSAGES_MAX, sizeof(*p->messages));
	text = clean_text(p, text);
	if (!p->messages || !text || p->n_messages == MESSAGES_MAX) {
		p->lost++;
		return;
	}
	m = &p->messages[p->n_messages++];
	*m = (struct doc_message){ .is_error = is_error, .origin = at, .text = text };
}

void doc_say(struct doc_pool *p, bool is_error, struct doc_origin at, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	keep_message(p, is_error, at, text);
}

/* "LINE:COLUMN: rest" → position and rest; false when the text is not of that form. */
static bool split_position(const char *s, struct doc_origin *at, const char **rest)
{
	unsigned line, column;
	int used = 0;

	if (sscanf(s, "%u:%u: %n", &line, &column, &used) != 2 || used == 0)
		return false;
	at->line = line;
	at->column = column;
	*rest = s + used;
	return true;
}

void doc_say_error(struct doc_pool *p, const char *source, const struct error *err)
{
	size_t len = strlen(source);
	struct doc_origin at = { .source = doc_strdup(p, source, len) };
	const char *text = err->msg;

	if (!strncmp(text, source, len) && text[len] == ':' &&
	    !split_position(text + len + 1, &at, &text))
		text += len + 1 + strspn(text + len + 1, " ");
	keep_message(p, true, at, text);
}

const struct doc_message *doc_messages(const struct doc_pool *p, size_t *ret_n)
{
	*ret_n = p->n_messages;
	return p->messages;
}

void doc_message_text(const struct doc_message *m, struct buf *out)
{
	if (m->origin.source)
		buf_fmt(out, "%s:", m->origin.source);
	if (m->origin.line)
		buf_fmt(out, "%u:%u:", m->origin.line, m->origin.column);
	if (m->origin.source)
		buf_char(out, ' ');
	buf_str(out, m->text);
}

static void json_text(struct buf *out, const char *name, const char *value)
{
	buf_fmt(out, "\"%s\":", name);
	if (!value) {
		buf_str(out, "null");
		return;
	}
	buf_char(out, '"');
	buf_json(out, value);
	buf_char(out, '"');
}

void doc_messages_json(const struct doc_pool *p, struct buf *out)
{
	buf_char(out, '[');
	for (size_t i = 0; i < p->n_messages; i++) {
		const struct doc_message *m = &p->messages[i];

		buf_str(out, i ? ",{" : "{");
		json_text(out, "level", m->is_error ? "error" : "warning");
		buf_char(out, ',');
		json_text(out, "file", m->origin.source);
		buf_fmt(out, ",\"line\":%u,\"column\":%u,", m->origin.line, m->origin.column);
		json_text(out, "text", m->text);
		buf_char(out, '}');
	}
	buf_char(out, ']');
}

bool doc_has_errors(const struct doc_pool *p)
{
	for (size_t i = 0; i < p->n_messages; i++)
		if (p->messages[i].is_error)
			return true;
	return p->lost > 0;
}

static struct doc_origin from_code(const char *source)
{
	return (struct doc_origin){ .source = source };
}

const struct doc_node *doc_new_str(struct doc_pool *p, const char *source, const char *text)
{
	return tree_str(p, from_code(source), text, strlen(text));
}

const struct doc_node *doc_new_bool(struct doc_pool *p, const char *source, bool value)
{
	struct doc_node *n = tree_node(p, DOC_BOOL, from_code(source));

	if (!n)
		return NULL;
	n->boolean = value;
	n->text = value ? "true" : "false";
	n->len = strlen(n->text);
	return n;
}

const struct doc_node *doc_new_int(struct doc_pool *p, const char *source, int64_t value)
{
	struct doc_node *n = tree_node(p, DOC_INT, from_code(source));
	char text[24];
	int len = snprintf(text, sizeof(text), "%lld", (long long)value);

	if (!n)
		return NULL;
	n->integer = value;
	n->text = doc_strdup(p, text, (size_t)len);
	n->len = (size_t)len;
	return n->text ? n : NULL;
}

const struct doc_node *doc_new_seq(struct doc_pool *p, const char *source,
				   const struct doc_node *const *items, size_t n)
{
	return tree_seq(p, from_code(source), items, n);
}
