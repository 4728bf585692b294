/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Meta-data as JSON.
 */
#include "datasource/meta.h"

#include <ctype.h>
#include <string.h>

/* Clouds nest keys as {"0": {"openssh-key": KEY}}. */
#define DEPTH_MAX 4

void meta_done(struct meta *m)
{
	buf_done(&m->text);
	buf_done(&m->keys);
}

static void add_json(struct buf *to, const char *text, size_t len)
{
	AUTO_BUF struct buf copy = { 0 };

	buf_add(&copy, text, len);
	buf_char(to, '"');
	buf_json(to, buf_text(&copy));
	buf_char(to, '"');
}

static void trim(const char **text, size_t *len)
{
	while (*len && isspace((unsigned char)**text)) {
		(*text)++;
		(*len)--;
	}
	while (*len && isspace((unsigned char)(*text)[*len - 1]))
		(*len)--;
}

void meta_set(struct meta *m, const char *name, const char *value)
{
	size_t len = value ? strlen(value) : 0;

	if (!value)
		return;
	trim(&value, &len);
	if (!len)
		return;
	buf_fmt(&m->text, "\"%s\":", name);
	add_json(&m->text, value, len);
	buf_char(&m->text, ',');
}

bool meta_is_id(const char *text)
{
	size_t len = strlen(text);

	trim(&text, &len);
	for (size_t i = 0; i < len; i++)
		if (!isgraph((unsigned char)text[i]) || strchr("<>\"'\\", text[i]))
			return false;
	return len > 0 && len < META_ID_MAX;
}

static void add_key(struct meta *m, const char *key, size_t len)
{
	trim(&key, &len);
	if (!len || *key == '#' || m->n_keys == META_KEYS_MAX)
		return;
	if (m->n_keys++)
		buf_char(&m->keys, ',');
	add_json(&m->keys, key, len);
}

void meta_add_keys(struct meta *m, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\r\n");

		add_key(m, text, len);
		text += len;
		text += strspn(text, "\r\n");
	}
}

/* The base64 begins with how long the name of the type is, in four bytes: AAAA. */
bool meta_has_key(const char *text)
{
	if (!strstr(text, "ssh-") && !strstr(text, "ecdsa-"))
		return false;
	for (const char *s = text; (s = strstr(s, "AAAA")); s++)
		if (s > text && isblank((unsigned char)s[-1]))
			return true;
	return false;
}

/* A key has its type and its base64, with a blank between. */
static bool is_key(const char *text)
{
	return strchr(text, ' ') && (strstr(text, "ssh-") || strstr(text, "ecdsa-"));
}

static void add_nodes(struct meta *m, const struct doc_node *n, int depth)
{
	if (!n || depth > DEPTH_MAX)
		return;
	if (n->kind == DOC_STR && is_key(n->text))
		meta_add_keys(m, n->text);
	for (size_t i = 0; (n->kind == DOC_SEQ || n->kind == DOC_MAP) && i < n->len; i++)
		add_nodes(m, n->kind == DOC_SEQ ? n->items[i] : n->pairs[i].val, depth + 1);
}

void meta_add_key_node(struct meta *m, const struct doc_node *n)
{
	add_nodes(m, n, 0);
}

void meta_finish(const struct meta *m, struct buf *out)
{
	buf_fmt(out, "{%s\"public-keys\":[%s]}\n", buf_text(&m->text), buf_text(&m->keys));
}
