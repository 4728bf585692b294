/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints values with their places and what they replaced.
 */
#include "agent/config/explain.h"

#include <string.h>

#include "agent/config/schema_value.h"

/* A value in text is cut here. */
#define SHOWN_MAX 400

void explain_json_text(struct buf *out, const char *text)
{
	if (!text) {
		buf_str(out, "null");
		return;
	}
	buf_char(out, '"');
	buf_json(out, text);
	buf_char(out, '"');
}

void explain_json_value(const struct doc_node *n, bool hide, struct buf *out)
{
	if (n && !hide)
		doc_json_write(n, out);
	else
		buf_str(out, "null");
}

void explain_json_source(const struct doc_node *n, struct buf *out)
{
	if (!n || !n->origin.source) {
		buf_str(out, "null");
		return;
	}
	buf_str(out, "{\"file\":");
	explain_json_text(out, n->origin.source);
	buf_fmt(out, ",\"line\":%u,\"column\":%u}", n->origin.line, n->origin.column);
}

static const struct doc_node *default_of(struct doc_pool *p, const struct explain *e)
{
	const char *text = e->entry ? e->entry->row->fallback : NULL;
	const struct doc_node *n = NULL;

	if (!text || doc_yaml(p, "default", text, strlen(text), &n, NULL) < 0)
		return NULL;
	return n;
}

static void json_layer(const struct explain *e, const struct doc_node *n, struct buf *out)
{
	buf_str(out, "{\"key\":");
	explain_json_text(out, e->key);
	buf_str(out, ",\"value\":");
	explain_json_value(n, e->hide, out);
	buf_str(out, ",\"source\":");
	explain_json_source(n, out);
}

static void json_row(const struct explain *e, struct buf *out)
{
	const struct schema_row *row = e->entry ? e->entry->row : NULL;
	AUTO_BUF struct buf kind = { 0 };

	buf_str(out, ",\"help\":");
	explain_json_text(out, row ? row->help : NULL);
	if (!row)
		return;
	schema_value_expected(row, &kind);
	buf_str(out, ",\"takes\":");
	explain_json_text(out, buf_text(&kind));
	buf_fmt(out, ",\"secret\":%s", e->hide || row->flags & SCHEMA_SECRET ? "true" : "false");
	if (row->instead) {
		buf_str(out, ",\"instead\":");
		explain_json_text(out, row->instead);
	}
}

void explain_json(struct doc_pool *p, const struct explain *e, struct buf *out)
{
	const struct doc_node *n = doc_at(e->config, e->key);
	const char *comma = "";

	json_layer(e, n, out);
	buf_str(out, ",\"replaced\":[");
	for (const struct doc_node *r = n ? n->replaced : NULL; r; r = r->replaced) {
		buf_str(out, comma);
		json_layer(e, r, out);
		buf_char(out, '}');
		comma = ",";
	}
	buf_str(out, "],\"default\":");
	explain_json_value(default_of(p, e), false, out);
	json_row(e, out);
	buf_str(out, "}\n");
}

/* One line of JSON is the shortest exact way to write any value; plain text goes without quotes. */
void explain_show(const struct doc_node *n, bool hide, struct buf *out)
{
	AUTO_BUF struct buf b = { 0 };

	if (hide) {
		buf_str(out, "(secret)");
		return;
	}
	if (n && n->kind == DOC_STR && n->len && !strpbrk(n->text, "\n\t\"\033"))
		buf_add(&b, n->text, n->len);
	else
		explain_json_value(n, false, &b);
	buf_fmt(out, "%.*s%s", SHOWN_MAX, buf_text(&b), b.len > SHOWN_MAX ? "..." : "");
}

void explain_show_place(const struct doc_node *n, struct buf *out)
{
	if (!n || !n->origin.source)
		return;
	buf_str(out, n->origin.source);
	if (n->origin.line)
		buf_fmt(out, ":%u:%u", n->origin.line, n->origin.column);
}

static void text_layer(const char *title, const struct doc_node *n, bool hide, struct buf *out)
{
	buf_fmt(out, "  %-9s ", title);
	explain_show(n, hide, out);
	buf_str(out, "\n            from ");
	explain_show_place(n, out);
	buf_char(out, '\n');
}

void explain_text(struct doc_pool *p, const struct explain *e, struct buf *out)
{
	const struct schema_row *row = e->entry ? e->entry->row : NULL;
	const struct doc_node *n = doc_at(e->config, e->key), *def = default_of(p, e);

	buf_fmt(out, "%s\n", e->key);
	if (row)
		buf_fmt(out, "  %s.\n", row->help);
	if (n)
		text_layer("value", n, e->hide, out);
	else
		buf_str(out, "  value     not set\n");
	for (const struct doc_node *r = n ? n->replaced : NULL; r; r = r->replaced)
		text_layer("replaced", r, e->hide, out);
	if (def) {
		buf_str(out, "  default   ");
		explain_show(def, false, out);
		buf_char(out, '\n');
	}
	if (!row)
		return;
	buf_str(out, "  takes     ");
	schema_value_expected(row, out);
	buf_char(out, '\n');
	if (row->instead)
		buf_fmt(out, "  note      %s\n", row->instead);
}
