/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looking up by dotted path. Elements are separated by dots; an element in double quotes may hold
 * dots itself ("eth1.100"); an element of digits selects an item of a list.
 */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "lib/doc/doc.h"
#include "lib/doc/scalar.h"
#include "lib/doc/tree.h"

#define ELEMENT_MAX 256

/* Take the first element off a path; NULL when the path is malformed, else the rest ("" at its
 * end). */
static const char *next_element(const char *path, char *element)
{
	bool quoted = *path == '"';
	const char *from = path + quoted, *end;
	size_t len;

	end = quoted ? strchr(from, '"') : strchrnul(from, '.');
	if (!end)
		return NULL;
	len = (size_t)(end - from);
	if (len == 0 || len >= ELEMENT_MAX)
		return NULL;
	memcpy(element, from, len);
	element[len] = '\0';
	end += quoted;
	if (*end == '\0')
		return end;
	return *end == '.' && end[1] ? end + 1 : NULL;
}

const struct doc_node *doc_key(const struct doc_node *map, const char *key)
{
	if (!map || map->kind != DOC_MAP)
		return NULL;
	for (size_t i = 0; i < map->len; i++)
		if (!strcmp(map->pairs[i].key, key))
			return map->pairs[i].val;
	return NULL;
}

static const struct doc_node *item_at(const struct doc_node *seq, const char *element)
{
	size_t index = 0;

	for (const char *s = element; *s; s++) {
		if (!isdigit((unsigned char)*s) || index > DOC_NODES)
			return NULL;
		index = index * 10 + (size_t)(*s - '0');
	}
	return index < seq->len ? seq->items[index] : NULL;
}

const struct doc_node *doc_at(const struct doc_node *n, const char *path)
{
	char element[ELEMENT_MAX];

	while (n && *path) {
		path = next_element(path, element);
		if (!path)
			return NULL;
		n = n->kind == DOC_SEQ ? item_at(n, element) : doc_key(n, element);
	}
	return n;
}

bool doc_is_scalar(const struct doc_node *n)
{
	return n && n->kind != DOC_SEQ && n->kind != DOC_MAP;
}

const char *doc_str(const struct doc_node *n, const char *path, const char *fallback)
{
	n = doc_at(n, path);
	return doc_is_scalar(n) && n->kind != DOC_NULL ? n->text : fallback;
}

bool doc_bool(const struct doc_node *n, const char *path, bool fallback)
{
	union scalar_value v;

	n = doc_at(n, path);
	if (!doc_is_scalar(n))
		return fallback;
	if (n->kind == DOC_BOOL)
		return n->boolean;
	if (n->kind == DOC_INT)
		return n->integer != 0;
	/* "true" in quotes, as users write it. */
	if (n->kind == DOC_STR && scalar_resolve(n->text, n->len, &v) == DOC_BOOL)
		return v.boolean;
	return fallback;
}

int64_t doc_int(const struct doc_node *n, const char *path, int64_t fallback)
{
	union scalar_value v;

	n = doc_at(n, path);
	if (!doc_is_scalar(n))
		return fallback;
	if (n->kind == DOC_INT)
		return n->integer;
	if (n->kind == DOC_STR && scalar_resolve(n->text, n->len, &v) == DOC_INT)
		return v.integer;
	return fallback;
}

/* A copy of map in which one key has another value. */
static const struct doc_node *with_key(struct doc_pool *p, const struct doc_node *map,
				       const char *key, const struct doc_node *val)
{
	bool is_map = map && map->kind == DOC_MAP;
	struct doc_pair pair = { .origin = val->origin, .val = val };
	AUTO_PAIRS struct tree_pairs pairs = { 0 };

	for (size_t i = 0; is_map && i < map->len; i++) {
		struct doc_pair old = map->pairs[i];

		if (!strcmp(old.key, key)) {
			pair.key = old.key;
			old.val = val;
			old.origin = val->origin;
		}
		if (tree_pairs_add(&pairs, &old) < 0)
			return NULL;
	}
	if (!pair.key) {
		pair.key = doc_strdup(p, key, strlen(key));
		if (!pair.key || tree_pairs_add(&pairs, &pair) < 0)
			return NULL;
	}
	return tree_map(p, is_map ? map->origin : val->origin, pairs.data, pairs.n, 0);
}

static const struct doc_node *without_key(struct doc_pool *p, const struct doc_node *map,
					  const char *key)
{
	AUTO_PAIRS struct tree_pairs pairs = { 0 };

	for (size_t i = 0; i < map->len; i++)
		if (strcmp(map->pairs[i].key, key) && tree_pairs_add(&pairs, &map->pairs[i]) < 0)
			return NULL;
	return tree_map(p, map->origin, pairs.data, pairs.n, 0);
}

static const struct doc_node *without_path(struct doc_pool *p, const struct doc_node *map,
					   const char *path)
{
	char element[ELEMENT_MAX];
	const char *rest = next_element(path, element);
	const struct doc_node *inner;

	if (map->kind != DOC_MAP)
		return NULL;
	if (!*rest)
		return without_key(p, map, element);
	inner = without_path(p, doc_key(map, element), rest);
	return inner ? with_key(p, map, element, inner) : NULL;
}

/* That the path leads somewhere means that every element of it is well formed. */
const struct doc_node *doc_without(struct doc_pool *p, const struct doc_node *map, const char *path)
{
	const struct doc_node *without = doc_at(map, path) ? without_path(p, map, path) : NULL;

	return without ? without : map;
}

static const struct doc_node *with_path(struct doc_pool *p, const struct doc_node *map,
					const char *path, const struct doc_node *val, int depth)
{
	char element[ELEMENT_MAX];
	const char *rest = next_element(path, element);

	if (!rest || depth == 0)
		return NULL;
	if (*rest)
		val = with_path(p, doc_key(map, element), rest, val, depth - 1);
	return val ? with_key(p, map, element, val) : NULL;
}

const struct doc_node *doc_with(struct doc_pool *p, const struct doc_node *map, const char *path,
				const struct doc_node *val)
{
	return val ? with_path(p, map, path, val, DOC_DEPTH / 2) : NULL;
}
