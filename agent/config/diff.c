/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walks two configurations side by side.
 */
#include "agent/config/diff.h"

#include <string.h>

#include "agent/config/explain.h"
#include "agent/config/secret.h"

#define PATH_MAX_LEN (64u << 10)

enum change { CHANGE_NONE, CHANGE_ADDED, CHANGE_CHANGED, CHANGE_SHADOWED };

struct walk {
	const struct diff *d;
	struct buf *path, *out;
	bool json, any;
};

static bool is_map(const struct doc_node *n)
{
	return n && n->kind == DOC_MAP;
}

static bool same(const struct doc_node *a, const struct doc_node *b)
{
	AUTO_BUF struct buf x = BUF_WITH_LIMIT(DOC_SIZE), y = BUF_WITH_LIMIT(DOC_SIZE);

	if (!a || !b)
		return a == b;
	doc_json_write(a, &x);
	doc_json_write(b, &y);
	return !strcmp(buf_text(&x), buf_text(&y));
}

static void write_json(struct walk *w, enum change change, const struct doc_node *old,
		       const struct doc_node *new)
{
	static const char *const names[] = { "", "added", "changed", "shadowed" };
	bool hide = secret_is(w->d->schema, buf_text(w->path));

	buf_str(w->out, w->any ? ",{\"key\":" : "{\"key\":");
	explain_json_text(w->out, buf_text(w->path));
	buf_fmt(w->out, ",\"change\":\"%s\",\"old\":", names[change]);
	explain_json_value(old, hide, w->out);
	buf_str(w->out, ",\"new\":");
	explain_json_value(new, hide, w->out);
	buf_str(w->out, ",\"old_source\":");
	explain_json_source(old, w->out);
	buf_str(w->out, ",\"new_source\":");
	explain_json_source(new, w->out);
	buf_char(w->out, '}');
}

static void show(struct walk *w, const struct doc_node *n, bool hide)
{
	explain_show(n, hide, w->out);
	buf_str(w->out, " (");
	explain_show_place(n, w->out);
	buf_char(w->out, ')');
}

static void write_text(struct walk *w, enum change change, const struct doc_node *old,
		       const struct doc_node *new)
{
	bool hide = secret_is(w->d->schema, buf_text(w->path));

	buf_fmt(w->out, "%c %s: ", " +~!"[change], buf_text(w->path));
	if (change == CHANGE_CHANGED) {
		show(w, old, hide);
		buf_str(w->out, " -> ");
	}
	show(w, new, hide);
	if (change == CHANGE_SHADOWED) {
		buf_str(w->out, " has no effect: ");
		show(w, old, hide);
	}
	buf_char(w->out, '\n');
}

/* One key's values; `layer` is what the new layer says of it. */
static void compare(struct walk *w, const struct doc_node *before, const struct doc_node *after,
		    const struct doc_node *layer)
{
	enum change change = CHANGE_NONE;

	if (!same(before, after))
		change = before ? CHANGE_CHANGED : CHANGE_ADDED;
	else if (layer && !same(layer, after))
		change = CHANGE_SHADOWED;
	if (change == CHANGE_NONE)
		return;
	if (w->json)
		write_json(w, change, before, change == CHANGE_SHADOWED ? layer : after);
	else
		write_text(w, change, before, change == CHANGE_SHADOWED ? layer : after);
	w->any = true;
}

static void walk_maps(struct walk *w, const struct doc_node *before, const struct doc_node *after,
		      const struct doc_node *layer)
{
	size_t start = w->path->len;

	/* Only what the layer speaks of can differ. */
	for (size_t i = 0; is_map(layer) && i < layer->len; i++) {
		const char *key = layer->pairs[i].key, *quote = strpbrk(key, ". ") ? "\"" : "";
		const struct doc_node *b = doc_key(before, key), *a = doc_key(after, key);
		const struct doc_node *l = layer->pairs[i].val;

		buf_fmt(w->path, "%s%s%s%s", start ? "." : "", quote, key, quote);
		if (is_map(a) && is_map(l) && l->len && (!b || is_map(b)))
			walk_maps(w, b, a, l);
		else
			compare(w, b, a, l);
		if (w->path->failed || !w->path->data)
			return;
		w->path->len = start;
		w->path->data[start] = '\0';
	}
}

static void run(const struct diff *d, bool json, struct buf *out)
{
	AUTO_BUF struct buf path = BUF_WITH_LIMIT(PATH_MAX_LEN);
	struct walk w = { .d = d, .path = &path, .out = out, .json = json };

	walk_maps(&w, d->before, d->after, d->layer);
}

void diff_text(const struct diff *d, struct buf *out)
{
	run(d, false, out);
}

void diff_json(const struct diff *d, struct buf *out)
{
	buf_char(out, '[');
	run(d, true, out);
	buf_char(out, ']');
}
