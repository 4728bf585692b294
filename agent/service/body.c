/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns the nodes of a create request that is being built. What each compose key means is for
 * compose.c and its companions.
 */
#include "agent/service/body.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/convert.h"
#include "lib/buf.h"

/* The longest value of one key; a shell script in `command` fits. */
#define TEXT_MAX 65536

/* Stands in for a node that there was no memory for; the whole request is refused then. */
static const struct doc_node no_node = { .kind = DOC_NULL, .text = "" };

void body_say(struct body *b, bool is_error, const struct doc_node *at, const char *fmt, ...)
{
	struct doc_origin origin = at && at->origin.line ? at->origin : b->at;
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	doc_say(b->pool, is_error, origin, "service %s: %s", b->svc->name, text);
}

const char *body_variable(const struct body *b, const char *name)
{
	struct buf AUTO_BUF own = BUF_WITH_LIMIT(512);
	const struct doc_node *n;

	buf_fmt(&own, "%s/%s", b->svc->name, name);
	n = doc_key(b->env->vars, buf_text(&own));
	if (!n)
		n = doc_key(b->env->vars, name);
	if (n && doc_is_scalar(n))
		return n->kind == DOC_NULL ? "" : n->text;
	if (!strcmp(name, "VERSION"))
		return b->env->version;
	if (!strcmp(name, "KERNEL_VERSION"))
		return b->env->kernel;
	return NULL;
}

struct lookup {
	struct body *body;
	const struct doc_node *at;
};

static const char *look_up(void *arg, const char *name, bool needed)
{
	struct lookup *l = arg;
	const char *value = body_variable(l->body, name);

	if (!value && needed && !l->body->env->partial)
		body_say(l->body, false, l->at,
			 "the variable %s is not set in rancher.environment; it is empty here "
			 "(write $$ for a dollar sign)", name);
	return value;
}

const char *body_text(struct body *b, const struct doc_node *n)
{
	struct buf AUTO_BUF out = BUF_WITH_LIMIT(TEXT_MAX);
	struct lookup l = { .body = b, .at = n };
	struct error err = { 0 };
	const char *text;

	if (!n || n->kind == DOC_NULL)
		return "";
	if (!doc_is_scalar(n)) {
		body_say(b, true, n, "a single value is wanted here");
		return NULL;
	}
	if (!strchr(n->text, '$'))
		return n->text;
	if (convert_interpolate(n->text, look_up, &l, &out, &err) < 0) {
		body_say(b, true, n, "%s", err.msg);
		return n->text;
	}
	if (b->env->partial)
		return NULL;
	text = doc_strdup(b->pool, buf_text(&out), out.len);
	if (!text)
		b->no_memory = true;
	return text ? text : "";
}

const char *body_format(struct body *b, const char *fmt, ...)
{
	va_list ap;
	char *text = NULL;
	const char *kept = NULL;
	int len;

	va_start(ap, fmt);
	len = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (len >= 0) {
		kept = doc_strdup(b->pool, text, (size_t)len);
		free(text);
	}
	if (!kept)
		b->no_memory = true;
	return kept ? kept : "";
}

static struct doc_node *new_node(struct body *b, enum doc_kind kind, const char *text)
{
	struct doc_node *n = doc_alloc(b->pool, sizeof(*n));

	if (!n || !text) {
		b->no_memory = true;
		return NULL;
	}
	*n = (struct doc_node){ .kind = kind, .origin = b->at, .text = text, .len = strlen(text) };
	return n;
}

const struct doc_node *body_str(struct body *b, const char *text)
{
	struct doc_node *n = new_node(b, DOC_STR, text);

	return n ? n : &no_node;
}

const struct doc_node *body_int(struct body *b, int64_t value)
{
	struct doc_node *n = new_node(b, DOC_INT, body_format(b, "%lld", (long long)value));

	if (n)
		n->integer = value;
	return n ? n : &no_node;
}

const struct doc_node *body_bool(struct body *b, bool value)
{
	struct doc_node *n = new_node(b, DOC_BOOL, value ? "true" : "false");

	if (n)
		n->boolean = value;
	return n ? n : &no_node;
}

/* Room for one more of `item` bytes in an array of the pool; false when there is none. */
static bool grow(struct body *b, void **v, size_t n, size_t *size, size_t item)
{
	const size_t more = *size ? *size * 2 : 8;
	void *bigger;

	if (n < *size)
		return true;
	if (n >= BODY_LIST_MAX) {
		body_say(b, true, NULL, "more than %d entries", BODY_LIST_MAX);
		return false;
	}
	bigger = doc_alloc(b->pool, more * item);
	if (!bigger) {
		b->no_memory = true;
		return false;
	}
	if (n)
		memcpy(bigger, *v, n * item);
	*v = bigger;
	*size = more;
	return true;
}

void body_add(struct body *b, struct body_items *l, const struct doc_node *item)
{
	void *v = l->v;

	if (!grow(b, &v, l->n, &l->size, sizeof(*l->v)))
		return;
	l->v = v;
	l->v[l->n++] = item;
}

const struct doc_node *body_seq(struct body *b, const struct body_items *l)
{
	struct doc_node *n = new_node(b, DOC_SEQ, "");

	if (!n)
		return &no_node;
	n->items = l->v;
	n->len = l->n;
	return n;
}

void body_set(struct body *b, struct body_pairs *m, const char *key, const struct doc_node *val)
{
	void *v = m->v;

	for (size_t i = 0; i < m->n; i++) {
		if (!strcmp(m->v[i].key, key)) {
			m->v[i].val = val;
			return;
		}
	}
	if (!grow(b, &v, m->n, &m->size, sizeof(*m->v)))
		return;
	m->v = v;
	m->v[m->n++] = (struct doc_pair){ .key = key, .origin = b->at, .val = val };
}

const struct doc_node *body_map(struct body *b, const struct body_pairs *m)
{
	struct doc_node *n = new_node(b, DOC_MAP, "");

	if (!n)
		return &no_node;
	n->pairs = m->v;
	n->len = m->n;
	return n;
}

void body_put(struct body *b, const char *path, const struct doc_node *val)
{
	const struct doc_node *n = doc_with(b->pool, b->create, path, val);

	if (n)
		b->create = n;
	else
		b->no_memory = true;
}

const struct doc_node *body_get(const struct body *b, const char *path)
{
	return doc_at(b->create, path);
}

void body_each(struct body *b, const struct doc_node *n,
	       void (*fn)(struct body *b, const struct doc_node *at, const char *text, void *arg),
	       void *arg)
{
	if (!n || n->kind == DOC_NULL)
		return;
	if (n->kind == DOC_MAP) {
		body_say(b, true, n, "a list is wanted here");
		return;
	}
	if (doc_is_scalar(n)) {
		const char *text = body_text(b, n);

		if (text)
			fn(b, n, text, arg);
		return;
	}
	for (size_t i = 0; i < n->len; i++) {
		const char *text = body_text(b, n->items[i]);

		if (text)
			fn(b, n->items[i], text, arg);
	}
}

struct texts {
	struct body_pairs map;
	char separator;
};

static void add_text(struct body *b, const struct doc_node *at, const char *text, void *arg)
{
	struct texts *t = arg;
	const char *sep = strchr(text, t->separator);
	const char *key = sep ? doc_strdup(b->pool, text, (size_t)(sep - text)) : text;

	(void)at;
	if (!key) {
		b->no_memory = true;
		return;
	}
	body_set(b, &t->map, key, body_str(b, sep ? sep + 1 : ""));
}

const struct doc_node *body_texts(struct body *b, const struct doc_node *n, char separator)
{
	struct texts t = { .separator = separator };

	if (n && n->kind == DOC_MAP) {
		for (size_t i = 0; i < n->len; i++) {
			const char *text = body_text(b, n->pairs[i].val);

			if (text)
				body_set(b, &t.map, n->pairs[i].key, body_str(b, text));
		}
	} else {
		body_each(b, n, add_text, &t);
	}
	return body_map(b, &t.map);
}
