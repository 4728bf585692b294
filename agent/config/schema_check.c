/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walks a document beside the schema.
 */
#include "agent/config/schema_check.h"

#include <string.h>

#include "agent/config/schema_near.h"
#include "agent/config/schema_spell.h"
#include "agent/config/schema_value.h"

/* So much of a value is quoted in a message. */
#define QUOTED_MAX 40
/* What is not quoted: a structure may hold secrets, in its shape or out of it, a URL a password, a
 * command anything, and in the place of a public key may stand a private one. */
#define UNQUOTED (SCHEMA_MAP | SCHEMA_LIST | SCHEMA_URL | SCHEMA_COMMAND | SCHEMA_KEY)
/* Suggestions take time: a file of 100 000 unknown keys gets only so many. */
#define NEAR_MAX 100

struct check {
	const struct schema *schema;
	struct doc_pool *pool;
	struct buf *path; /* where the walk is, as `ros config get` takes it */
	unsigned suggested;
};

static void check_value(struct check *c, const struct schema_entry *e, const struct doc_node *n);

/* Go one step down; returns the length to go back to. */
static size_t enter(struct check *c, const char *key)
{
	size_t before = c->path->len;
	const char *quote = strpbrk(key, ". ") ? "\"" : "";

	buf_fmt(c->path, "%s%s%.80s%s", before ? "." : "", quote, key, quote);
	return before;
}

static void leave(struct check *c, size_t before)
{
	if (c->path->failed || !c->path->data)
		return;
	c->path->len = before;
	c->path->data[before] = '\0';
}

/* --- keys --- */

/* "a.b: 1" where "a:" and below it "b: 1" is meant. */
static bool is_dotted(const struct check *c, const char *path, const char *key)
{
	char full[256];

	if (!strchr(key, '.') ||
	    snprintf(full, sizeof(full), "%s%s%s", path, *path ? "." : "", key) >=
		    (int)sizeof(full))
		return false;
	return schema_find(c->schema, full);
}

static void say_unknown(struct check *c, const char *path, const struct doc_pair *pair)
{
	AUTO_BUF struct buf near = BUF_WITH_LIMIT(256);

	if (is_dotted(c, path, pair->key))
		buf_str(&near, " (keys are nested: write each on a line of its own)");
	else if (c->suggested++ < NEAR_MAX && schema_near_key(c->schema, path, pair->key, &near))
		;
	else if (c->path->len)
		buf_fmt(&near, " (see: ros config explain %.150s)", buf_text(c->path));
	else
		buf_str(&near, " (see: ros config schema)");
	if (c->path->len)
		doc_say(c->pool, true, pair->origin, "unknown key \"%.80s\" in %.150s%s", pair->key,
			buf_text(c->path), buf_text(&near));
	else
		doc_say(c->pool, true, pair->origin, "unknown key \"%.80s\"%s", pair->key,
			buf_text(&near));
}

static void check_pair(struct check *c, const char *path, const struct doc_pair *pair)
{
	const struct schema_entry *e = schema_spell_entry(c->schema, path, pair->key);
	size_t before;

	/* Compose's rule for what is the user's own. */
	if (!e && !strncmp(pair->key, "x-", 2))
		return;
	if (!e) {
		say_unknown(c, path, pair);
		return;
	}
	before = enter(c, pair->key);
	if (e->row->flags & (SCHEMA_IGNORED | SCHEMA_DEPRECATED))
		doc_say(c->pool, false, pair->origin, "%.150s %s (%s)", buf_text(c->path),
			e->row->flags & SCHEMA_IGNORED ? "has no effect here" :
							 "is an old name",
			e->row->instead);
	if (!(e->row->flags & SCHEMA_IGNORED))
		check_value(c, e, pair->val);
	leave(c, before);
}

/* What a map is nothing without. */
static void check_required(struct check *c, const struct schema_entry *rows, size_t n,
			   const char *path, const struct doc_node *map)
{
	size_t len = *path ? strlen(path) + 1 : 0;

	for (size_t i = 0; i < n; i++) {
		const char *name = rows[i].path + len;
		const struct doc_node *val;

		if (!(rows[i].row->flags & SCHEMA_REQUIRED) || strchr(name, '.'))
			continue;
		val = doc_key(map, name);
		if (!val || val->kind == DOC_NULL)
			doc_say(c->pool, true, map->origin, "%.150s lacks %s (%s)",
				buf_text(c->path), name, rows[i].row->help);
	}
}

static void check_map(struct check *c, const char *path, const struct doc_node *map)
{
	size_t n;
	const struct schema_entry *rows = schema_below(c->schema, path, &n);

	if (n == 0)
		return;
	for (size_t i = 0; i < map->len; i++)
		check_pair(c, path, &map->pairs[i]);
	check_required(c, rows, n, path, map);
}

static void check_list(struct check *c, const char *path, const struct doc_node *list)
{
	const struct schema_entry *item = schema_step(c->schema, path, "[]");

	for (size_t i = 0; item && i < list->len; i++) {
		char index[24];
		size_t before;

		(void)snprintf(index, sizeof(index), "%zu", i);
		before = enter(c, index);
		check_value(c, item, list->items[i]);
		leave(c, before);
	}
}

/* --- values --- */

static void add_hint(const struct schema_row *row, const struct doc_node *n, struct buf *out)
{
	const char *example = schema_value_example(row);

	if (n->kind == DOC_MAP && row->kinds & SCHEMA_LIST)
		buf_str(out, " (begin each item with \"- \")");
	else if (n->kind == DOC_MAP && row->kinds & (SCHEMA_COMMAND | SCHEMA_TEXT | SCHEMA_KEY))
		buf_str(out, " (quote a line that holds \": \")");
	else if (row->kinds & SCHEMA_LIST && doc_is_scalar(n))
		buf_str(out, " (begin each item with \"- \", or write [ITEM, ITEM])");
	else if (row->kinds & SCHEMA_WORD && doc_is_scalar(n) &&
		 schema_near_word(row->words, n->text, out))
		return;
	else if (row->kinds == SCHEMA_MAP)
		buf_str(out, " (put its keys on lines of their own, indented)");
	else if (row->kinds & SCHEMA_WORD)
		buf_fmt(out, " (for instance %.*s)", (int)strcspn(row->words, "|"), row->words);
	else if (example)
		buf_fmt(out, " (for instance %s)", example);
}

static void say_wrong(struct check *c, const struct schema_row *row, const struct doc_node *n)
{
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(480);

	buf_fmt(&text, "%.150s must be ", buf_text(c->path));
	schema_value_expected(row, &text);
	if (n->kind == DOC_MAP)
		buf_str(&text, ", not a map");
	else if (n->kind == DOC_SEQ && !(row->kinds & SCHEMA_LIST))
		buf_str(&text, ", not a list");
	else if (n->kind == DOC_SEQ)
		buf_fmt(&text, ", not %zu", n->len);
	else if (!(row->flags & SCHEMA_SECRET) && !(row->kinds & UNQUOTED))
		buf_fmt(&text, ", not \"%.*s\"", QUOTED_MAX, n->text);
	add_hint(row, n, &text);
	doc_say(c->pool, true, n->origin, "%s", buf_text(&text));
}

/* A value that services fill in from rancher.environment. */
static bool is_variable(const char *path, const struct doc_node *n)
{
	return doc_is_scalar(n) && n->text && strchr(n->text, '$') &&
	       !strncmp(path, "rancher.services.", 17);
}

static void check_value(struct check *c, const struct schema_entry *e, const struct doc_node *n)
{
	const struct schema_row *row = e->row;

	if (!schema_value_fits(row, n) && !is_variable(e->path, n)) {
		say_wrong(c, row, n);
		return;
	}
	if (row->old && doc_is_scalar(n) && n->text && schema_has_word(row->old, n->text))
		doc_say(c->pool, false, n->origin, "%.150s: \"%.*s\" is gone (%s)",
			buf_text(c->path), QUOTED_MAX, n->text, row->instead);
	if (n->kind == DOC_MAP)
		check_map(c, e->path, n);
	else if (n->kind == DOC_SEQ)
		check_list(c, e->path, n);
}

void schema_check(const struct schema *s, struct doc_pool *p, const struct doc_node *doc)
{
	AUTO_BUF struct buf path = BUF_WITH_LIMIT(64u << 10);
	struct check c = { .schema = s, .pool = p, .path = &path };

	if (doc && doc->kind == DOC_MAP)
		check_map(&c, "", doc);
}
