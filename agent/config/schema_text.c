/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes the schema's tables in other notations.
 */
#include "agent/config/schema_text.h"

#include <string.h>

#include "agent/config/schema_value.h"
#include "lib/doc/doc.h"

#define TITLE "cloud-config of OcicatOS"

static void json_text(struct buf *out, const char *text)
{
	buf_char(out, '"');
	buf_json(out, text);
	buf_char(out, '"');
}

/* --- JSON Schema --- */

/* What JSON calls kinds of values. */
static const struct {
	unsigned kinds;
	const char *type;
} types[] = {
	{ SCHEMA_MAP, "object" },
	{ SCHEMA_LIST | SCHEMA_COMMAND, "array" },
	{ SCHEMA_BOOL, "boolean" },
	{ SCHEMA_INT | SCHEMA_PORT | SCHEMA_MODE | SCHEMA_DURATION | SCHEMA_SIZE, "integer" },
	{ SCHEMA_TEXT | SCHEMA_NUMBER | SCHEMA_COMMAND, "number" },
	{ SCHEMA_ANY & ~(SCHEMA_MAP | SCHEMA_LIST | SCHEMA_BOOL | SCHEMA_INT | SCHEMA_PORT |
			 SCHEMA_NUMBER | SCHEMA_WORD),
	  "string" },
};

static void write_types(const struct schema_row *row, struct buf *out)
{
	buf_str(out, "\"type\":[");
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (row->kinds & types[i].kinds)
			buf_fmt(out, "\"%s\",", types[i].type);
	/* A text may look like a bool, and nothing is set by null. */
	if (row->kinds & SCHEMA_TEXT && !(row->kinds & SCHEMA_BOOL))
		buf_str(out, "\"boolean\",");
	buf_str(out, "\"null\"]");
}

static void write_words(const struct schema_row *row, struct buf *out)
{
	buf_str(out, "\"enum\":[");
	for (const char *w = row->words; *w;) {
		size_t len = strcspn(w, "|");

		buf_fmt(out, "\"%.*s\",", (int)len, w);
		w += len + (w[len] == '|');
	}
	buf_str(out, "null]");
}

static void write_kinds(const struct schema_row *row, struct buf *out)
{
	if (row->kinds == SCHEMA_ANY)
		return;
	buf_char(out, ',');
	if (row->kinds == SCHEMA_WORD) {
		write_words(row, out);
	} else if (row->kinds & SCHEMA_WORD) {
		buf_str(out, "\"anyOf\":[{");
		write_types(row, out);
		buf_str(out, "},{");
		write_words(row, out);
		buf_str(out, "}]");
	} else {
		write_types(row, out);
	}
	if (row->kinds & SCHEMA_INT && (row->min || row->max))
		buf_fmt(out, ",\"minimum\":%lld,\"maximum\":%lld", (long long)row->min,
			(long long)row->max);
	else if (row->kinds & SCHEMA_PORT)
		buf_str(out, ",\"minimum\":1,\"maximum\":65535");
	else if (row->kinds & SCHEMA_LIST && row->max)
		buf_fmt(out, ",\"minItems\":%lld,\"maxItems\":%lld", (long long)row->min,
			(long long)row->max);
}

static void write_default(const struct schema_row *row, struct buf *out)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	const struct doc_node *n = NULL;

	if (!row->fallback || doc_pool_new(&p, NULL) < 0 ||
	    doc_yaml(p, "default", row->fallback, strlen(row->fallback), &n, NULL) < 0)
		return;
	buf_str(out, ",\"default\":");
	doc_json_write(n, out);
}

static void write_node(const struct schema *s, const struct schema_entry *e, struct buf *out);

/* The name of an entry one step below a path of that length, or NULL for those further down. */
static const char *child_name(const struct schema_entry *e, size_t len)
{
	const char *name = e->path + len;

	return strchr(name, '.') ? NULL : name;
}

static void write_required(const struct schema_entry *rows, size_t n, size_t len, struct buf *out)
{
	const char *comma = "";

	for (size_t i = 0; i < n; i++) {
		const char *name = child_name(&rows[i], len);

		if (!name || !(rows[i].row->flags & SCHEMA_REQUIRED))
			continue;
		buf_str(out, *comma ? comma : ",\"required\":[");
		json_text(out, name);
		comma = ",";
	}
	buf_str(out, *comma ? "]" : "");
}

/* What is below a path: keys, any key, items. */
static void write_below(const struct schema *s, const char *path, struct buf *out)
{
	size_t n, len = *path ? strlen(path) + 1 : 0;
	const struct schema_entry *rows = schema_below(s, path, &n);
	const struct schema_entry *any = schema_step(s, path, "*"),
				  *item = schema_step(s, path, "[]");
	bool keys = false;

	for (size_t i = 0; i < n; i++) {
		const char *name = child_name(&rows[i], len);

		if (!name || *name == '*' || *name == '[')
			continue;
		buf_str(out, keys ? "," : ",\"properties\":{");
		json_text(out, name);
		buf_char(out, ':');
		write_node(s, &rows[i], out);
		keys = true;
	}
	if (keys)
		buf_str(out, "},\"patternProperties\":{\"^x-\":{}}");
	write_required(rows, n, len, out);
	if (any && any->row) {
		buf_str(out, ",\"additionalProperties\":");
		write_node(s, any, out);
	} else if (keys) {
		buf_str(out, ",\"additionalProperties\":false");
	}
	if (item) {
		buf_str(out, ",\"items\":");
		write_node(s, item, out);
	}
}

static void write_node(const struct schema *s, const struct schema_entry *e, struct buf *out)
{
	const struct schema_row *row = e->row;

	buf_str(out, "{\"description\":\"");
	buf_json(out, row->help);
	if (row->instead) {
		buf_str(out, row->flags & SCHEMA_IGNORED ? " (no effect here: " : " (");
		buf_json(out, row->instead);
		buf_char(out, ')');
	}
	buf_char(out, '"');
	write_kinds(row, out);
	write_default(row, out);
	if (row->flags & (SCHEMA_IGNORED | SCHEMA_DEPRECATED))
		buf_str(out, ",\"deprecated\":true");
	if (!(row->flags & SCHEMA_IGNORED))
		write_below(s, e->path, out);
	buf_char(out, '}');
}

void schema_text_json(const struct schema *s, struct buf *out)
{
	buf_str(out, "{\"$schema\":\"http://json-schema.org/draft-07/schema#\",\"title\":\"" TITLE
		     "\",\"type\":[\"object\",\"null\"]");
	write_below(s, "", out);
	buf_str(out, "}\n");
}

/* --- the reference page --- */

/* Text in a table's cell. */
static void cell(const char *text, struct buf *out)
{
	for (; *text; text++) {
		if (*text == '|')
			buf_char(out, '\\');
		buf_char(out, *text);
	}
}

static void write_row(const char *prefix, const struct schema_row *row, struct buf *out)
{
	AUTO_BUF struct buf kinds = { 0 };

	buf_fmt(out, "| `%s%s%s` | ", prefix, *prefix ? "." : "", row->path);
	if (row->kinds != SCHEMA_ANY) {
		schema_value_expected(row, &kinds);
		cell(buf_text(&kinds), out);
	}
	buf_str(out, " | ");
	if (row->fallback) {
		buf_char(out, '`');
		cell(row->fallback, out);
		buf_char(out, '`');
	}
	buf_fmt(out, " | %s | ", row->when ? schema_when_name(row->when) : "");
	cell(row->help, out);
	buf_str(out, row->flags & SCHEMA_SECRET ? "; secret" : "");
	if (row->instead) {
		buf_str(out, row->flags & SCHEMA_IGNORED ? ". **No effect here**: " : ". ");
		cell(row->instead, out);
	}
	buf_str(out, " |\n");
}

static void write_table(const struct schema_table *t, struct buf *out)
{
	buf_fmt(out, "\n## %s\n\n", t->title);
	if (t->prefixes[1]) {
		buf_str(out, "The same below");
		for (size_t i = 0; t->prefixes[i]; i++)
			buf_fmt(out, "%s `%s`", i ? "," : "", t->prefixes[i]);
		buf_str(out, ".\n\n");
	}
	buf_str(out, "| key | takes | default | applied | what it is |\n|---|---|---|---|---|\n");
	for (size_t i = 0; i < t->n; i++)
		write_row(t->prefixes[0], &t->rows[i], out);
}

void schema_text_markdown(struct buf *out)
{
	buf_str(out,
		"# Configuration\n\n"
		"Made by `scripts/docs` from the tables in `agent/config/schema_*.c`.\n\n"
		"A cloud-config is YAML whose first line is `#cloud-config`. `*` stands for any "
		"name, `[]` for each item of a list; `ros config explain KEY` says the same on a "
		"machine, with the value that it has there and where that comes from. *Applied* "
		"is how often: at every boot, once for each instance, or once; "
		"`rancher.cloud_init.frequency.KEY` changes it. Dashes in names may be written "
		"for underscores. Names that begin with `x-` are yours.\n");
	for (size_t i = 0; schema_table_at(i); i++)
		write_table(schema_table_at(i), out);
}
