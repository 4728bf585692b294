/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finding rows of the schema. Owns the rules of paths; the rows are the tables', their meaning is
 * schema_check.c's.
 */
#include "agent/config/schema.h"

#include <ctype.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "lib/buf.h"

#define PATH_MAX_LEN 512
#define WORD_MAX_LEN 64

static const struct schema_table *const tables[] = {
	&schema_base,	&schema_files,	 &schema_users,		&schema_users_one,
	&schema_disks,	&schema_rancher, &schema_state,		&schema_network,
	&schema_network_nic, &schema_docker, &schema_docker_daemon, &schema_service,
	&schema_foreign,
};

struct schema {
	struct schema_entry *entries;
	char *paths; /* the entries' paths, one after another */
	size_t n;
};

const struct schema_table *schema_table_at(size_t i)
{
	return i < ARRAY_LEN(tables) ? tables[i] : NULL;
}

static size_t count_entries(void)
{
	size_t n = 0;

	for (size_t t = 0; t < ARRAY_LEN(tables); t++)
		for (size_t k = 0; tables[t]->prefixes[k]; k++)
			n += tables[t]->n;
	return n;
}

/* All paths, each with its NUL, in the order of the tables. */
static char *make_paths(void)
{
	AUTO_BUF struct buf b = { 0 };

	for (size_t t = 0; t < ARRAY_LEN(tables); t++)
		for (size_t k = 0; tables[t]->prefixes[k]; k++)
			for (size_t i = 0; i < tables[t]->n; i++) {
				const char *prefix = tables[t]->prefixes[k];

				buf_fmt(&b, "%s%s%s", prefix, *prefix ? "." : "",
					tables[t]->rows[i].path);
				buf_char(&b, '\0');
			}
	return buf_take(&b);
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct schema_entry *)a)->path,
		      ((const struct schema_entry *)b)->path);
}

static void fill_entries(struct schema *s)
{
	const char *path = s->paths;

	for (size_t t = 0; t < ARRAY_LEN(tables); t++)
		for (size_t k = 0; tables[t]->prefixes[k]; k++)
			for (size_t i = 0; i < tables[t]->n; i++) {
				s->entries[s->n++] =
					(struct schema_entry){ path, &tables[t]->rows[i] };
				path += strlen(path) + 1;
			}
	qsort(s->entries, s->n, sizeof(*s->entries), by_path);
}

struct schema *schema_new(void)
{
	AUTO(schema_free) struct schema *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->paths = make_paths();
	s->entries = calloc(count_entries(), sizeof(*s->entries));
	if (!s->paths || !s->entries)
		return NULL;
	fill_entries(s);
	return TAKE_PTR(s);
}

void schema_free(struct schema *s)
{
	if (!s)
		return;
	free(s->paths);
	free(s->entries);
	free(s);
}

const struct schema_entry *schema_entries(const struct schema *s, size_t *ret_n)
{
	*ret_n = s->n;
	return s->entries;
}

/* The first entry whose path is not less than `path`. */
static size_t lower_bound(const struct schema *s, const char *path)
{
	size_t low = 0, high = s->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (strcmp(s->entries[mid].path, path) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

const struct schema_entry *schema_below(const struct schema *s, const char *path, size_t *ret_n)
{
	char prefix[PATH_MAX_LEN];
	size_t first, n = 0;
	size_t len = (size_t)snprintf(prefix, sizeof(prefix), "%s%s", path, *path ? "." : "");

	*ret_n = 0;
	if (len >= sizeof(prefix))
		return NULL;
	first = lower_bound(s, prefix);
	while (first + n < s->n && !strncmp(s->entries[first + n].path, prefix, len))
		n++;
	*ret_n = n;
	return n ? &s->entries[first] : NULL;
}

const struct schema_entry *schema_get(const struct schema *s, const char *path)
{
	size_t i = lower_bound(s, path);

	return i < s->n && !strcmp(s->entries[i].path, path) ? &s->entries[i] : NULL;
}

static const struct schema_entry *get_below(const struct schema *s, const char *path,
					    const char *name)
{
	char full[PATH_MAX_LEN];

	if (snprintf(full, sizeof(full), "%s%s%s", path, *path ? "." : "", name) >=
	    (int)sizeof(full))
		return NULL;
	return schema_get(s, full);
}

/* A name that could be mistaken for more than one step, or for any step. */
static bool is_literal(const char *key)
{
	return *key && !strpbrk(key, ".*[]");
}

const struct schema_entry *schema_step(const struct schema *s, const char *path, const char *key)
{
	const struct schema_entry *e = NULL;

	if (!strcmp(key, "[]"))
		return get_below(s, path, key);
	if (is_literal(key))
		e = get_below(s, path, key);
	return e ? e : get_below(s, path, "*");
}

/* Take one element off a path as users write it; NULL when it is malformed, else the rest. */
static const char *take_element(const char *path, char *element, size_t size)
{
	bool quoted = *path == '"';
	const char *from = path + quoted, *end = quoted ? strchr(from, '"') : strchrnul(from, '.');
	size_t len = end ? (size_t)(end - from) : 0;

	if (len == 0 || len >= size)
		return NULL;
	memcpy(element, from, len);
	element[len] = '\0';
	end += quoted;
	if (*end == '.' && end[1])
		return end + 1;
	return *end ? NULL : end;
}

static bool is_number(const char *text)
{
	return *text && text[strspn(text, "0123456789")] == '\0';
}

const struct schema_entry *schema_find(const struct schema *s, const char *path)
{
	const struct schema_entry *e = NULL;
	char element[256];

	while (*path) {
		const char *at = e ? e->path : "";
		const struct schema_entry *next = NULL;

		path = take_element(path, element, sizeof(element));
		if (!path)
			return NULL;
		if (is_number(element))
			next = schema_step(s, at, "[]");
		e = next ? next : schema_step(s, at, element);
		if (!e)
			return NULL;
	}
	return e;
}

enum schema_when schema_when_root(const char *key)
{
	for (size_t t = 0; t < ARRAY_LEN(tables); t++)
		for (size_t i = 0; !*tables[t]->prefixes[0] && i < tables[t]->n; i++)
			if (!strcmp(tables[t]->rows[i].path, key))
				return tables[t]->rows[i].when ? tables[t]->rows[i].when :
								 SCHEMA_BOOT;
	return SCHEMA_BOOT;
}

enum schema_when schema_when_of(const struct schema *s, const char *path)
{
	const struct schema_entry *e = schema_find(s, path);
	char root[WORD_MAX_LEN];

	if (e && e->row->when)
		return e->row->when;
	return take_element(path, root, sizeof(root)) ? schema_when_root(root) : SCHEMA_BOOT;
}

const char *schema_when_name(enum schema_when when)
{
	switch (when) {
	case SCHEMA_INSTANCE:
		return "instance";
	case SCHEMA_ONCE:
		return "once";
	default:
		return "boot";
	}
}

const char *schema_kind_name(enum schema_bit kind)
{
	static const char *const names[] = {
#define X(name, what, example) [SCHEMA_BIT_##name] = #name,
		SCHEMA_KINDS(X)
#undef X
	};

	return names[kind];
}

bool schema_has_word(const char *words, const char *text)
{
	while (words) {
		char word[WORD_MAX_LEN];
		size_t len = strcspn(words, "|");

		if (len < sizeof(word)) {
			memcpy(word, words, len);
			word[len] = '\0';
			if (!fnmatch(word, text, 0))
				return true;
		}
		words = words[len] ? words + len + 1 : NULL;
	}
	return false;
}
