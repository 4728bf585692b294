/* SPDX-License-Identifier: Apache-2.0 */
/*
 * YAML text to document, by libyaml's events (its document loader is quadratic and takes cycles).
 * Owns limits, anchors, merge keys and tags; the meaning of plain scalars is scalar.c's.
 *
 * Anchored nodes are shared, never copied. Every node counts as often as it is reached, so that
 * ten lines of aliases cannot stand for a billion nodes: whoever walks the tree walks at most
 * DOC_NODES of them.
 */
#include <errno.h>
#include <string.h>

#include <yaml.h>

#include "lib/doc/doc.h"
#include "lib/doc/hint.h"
#include "lib/doc/scalar.h"
#include "lib/doc/tag.h"
#include "lib/doc/tree.h"

/* A longer name is nobody's: looking it up must stay cheap. */
#define ANCHOR_NAME_MAX 128

struct anchor {
	struct anchor *next;
	const char *name;
	const struct doc_node *node; /* NULL while its value is still being read */
	size_t weight;
};

struct reader {
	yaml_parser_t parser;
	struct doc_pool *pool;
	const char *source;
	struct doc_place place;
	const char *text;
	size_t len;
	struct anchor *anchors; /* the newest first: a name may be given again */
	size_t nodes, aliases, n_anchors;
	struct error *err;
};

struct event {
	yaml_event_t ev;
};

static void event_done(struct event *e)
{
	yaml_event_delete(&e->ev);
}

static void reader_done(struct reader *r)
{
	yaml_parser_delete(&r->parser);
}

static int compose(struct reader *r, const yaml_event_t *ev, int depth,
		   const struct doc_node **ret);

/* The source's line for a line of the text, counted from 0. */
static unsigned line_of(const struct reader *r, size_t line)
{
	if (line < r->place.n_lines)
		return r->place.lines[line];
	return (unsigned)line + (r->place.first ? r->place.first : 1);
}

static struct doc_origin origin_of(const struct reader *r, const yaml_mark_t *mark)
{
	return (struct doc_origin){ .source = r->source,
				    .line = line_of(r, mark->line),
				    .column = (unsigned)mark->column + 1 };
}

static int refuse(struct reader *r, int code, const yaml_mark_t *mark, const char *what)
{
	struct doc_origin at = origin_of(r, mark);

	return error_set(r->err, code, "%s:%u:%u: %s", at.source, at.line, at.column, what);
}

static int no_memory(struct reader *r, const yaml_mark_t *mark)
{
	return refuse(r, E2BIG, mark, "the document is too large");
}

/* Byte offset → mark: libyaml gives no position for bytes that it cannot decode. */
static yaml_mark_t mark_of_offset(const struct reader *r, size_t offset)
{
	yaml_mark_t mark = { 0 };

	for (size_t i = 0; i < offset && i < r->len; i++) {
		mark.column++;
		if (r->text[i] == '\n') {
			mark.line++;
			mark.column = 0;
		}
	}
	return mark;
}

/* A tab where indentation is expected is the commonest mistake, and libyaml's words do not help. A
 * mark counts characters, not bytes. */
static bool tab_at(const struct reader *r, const yaml_mark_t *mark)
{
	size_t left = mark->index;

	for (size_t i = 0; i < r->len; i++)
		if (((unsigned char)r->text[i] & 0xc0) != 0x80 && left-- == 0)
			return r->text[i] == '\t';
	return false;
}

/* "problem while parsing x that began in line n (hint)" */
static int parse_failed(struct reader *r)
{
	const yaml_parser_t *p = &r->parser;
	bool bytes = p->error == YAML_READER_ERROR;
	yaml_mark_t mark = bytes ? mark_of_offset(r, p->problem_offset) : p->problem_mark;
	const char *what = p->problem ? p->problem : "no memory", *hint = hint_find(what);
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(400);

	if (!bytes && tab_at(r, &mark))
		return refuse(r, EBADMSG, &mark, "a tab is used for indentation (use spaces)");
	buf_str(&text, what);
	if (p->context && !bytes)
		buf_fmt(&text, " %s that began in line %u", p->context,
			line_of(r, p->context_mark.line));
	if (hint)
		buf_fmt(&text, " (%s)", hint);
	return refuse(r, EBADMSG, &mark, buf_text(&text));
}

static int next(struct reader *r, struct event *ret)
{
	if (!yaml_parser_parse(&r->parser, &ret->ev))
		return parse_failed(r);
	return 0;
}

static int count_node(struct reader *r, const yaml_mark_t *mark, size_t weight)
{
	r->nodes += weight;
	if (r->nodes > DOC_NODES)
		return refuse(r, E2BIG, mark,
			      "more than 100000 values (aliases counted as often as used)");
	return 0;
}

/* Remember an anchor before its value is read; *ret is NULL when there is none. */
static int begin_anchor(struct reader *r, const yaml_char_t *name, const yaml_mark_t *mark,
			struct anchor **ret)
{
	struct anchor *a;

	*ret = NULL;
	if (!name)
		return 0;
	if (++r->n_anchors > DOC_ANCHORS || strlen((const char *)name) > ANCHOR_NAME_MAX)
		return refuse(r, E2BIG, mark, "more than 1000 anchors, or one of a very long name");
	a = doc_alloc(r->pool, sizeof(*a));
	if (!a)
		return no_memory(r, mark);
	*a = (struct anchor){ .next = r->anchors, .weight = r->nodes };
	a->name = doc_strdup(r->pool, (const char *)name, strlen((const char *)name));
	if (!a->name)
		return no_memory(r, mark);
	r->anchors = a;
	*ret = a;
	return 0;
}

static void end_anchor(struct reader *r, struct anchor *a, const struct doc_node *node)
{
	if (!a)
		return;
	a->node = node;
	a->weight = r->nodes - a->weight;
}

static int compose_alias(struct reader *r, const yaml_event_t *ev, const struct doc_node **ret)
{
	const char *name = (const char *)ev->data.alias.anchor;
	const struct anchor *a = r->anchors;

	if (++r->aliases > DOC_ALIASES)
		return refuse(r, E2BIG, &ev->start_mark, "more than 10000 aliases");
	while (a && strcmp(a->name, name))
		a = a->next;
	if (!a)
		return refuse(r, EBADMSG, &ev->start_mark,
			      "an alias of an anchor that does not exist");
	if (!a->node)
		return refuse(r, EBADMSG, &ev->start_mark,
			      "an alias inside of the value it stands for");
	*ret = a->node;
	return count_node(r, &ev->start_mark, a->weight);
}

static int compose_scalar(struct reader *r, const yaml_event_t *ev, const struct doc_node **ret)
{
	const char *text = (const char *)ev->data.scalar.value;
	const char *tag = (const char *)ev->data.scalar.tag;
	struct doc_node *n = tree_node(r->pool, DOC_STR, origin_of(r, &ev->start_mark));
	const char *problem;
	union scalar_value v;

	if (ev->data.scalar.length > DOC_SCALAR)
		return refuse(r, E2BIG, &ev->start_mark, "a single value of more than 8 MiB");
	if (!n)
		return no_memory(r, &ev->start_mark);
	n->len = ev->data.scalar.length;
	n->text = doc_strdup(r->pool, text, n->len);
	if (!n->text)
		return no_memory(r, &ev->start_mark);
	*ret = n;
	if (ev->data.scalar.plain_implicit) {
		tag_set(n, scalar_resolve(n->text, n->len, &v), &v);
		return 0;
	}
	if (ev->data.scalar.quoted_implicit || !tag || !strcmp(tag, "!"))
		return 0;
	problem = tag_apply(r->pool, tag, n);
	return problem ? refuse(r, EBADMSG, &ev->start_mark, problem) : 0;
}

/* Lists and maps may carry their own standard tags only. */
static int check_tag(struct reader *r, const yaml_event_t *ev, const yaml_char_t *tag,
		     enum doc_kind kind)
{
	const char *problem = tag ? tag_check((const char *)tag, kind) : NULL;

	return problem ? refuse(r, EBADMSG, &ev->start_mark, problem) : 0;
}

static int compose_seq(struct reader *r, const yaml_event_t *ev, int depth,
		       const struct doc_node **ret)
{
	AUTO_ITEMS struct tree_items items = { 0 };
	int code = check_tag(r, ev, ev->data.sequence_start.tag, DOC_SEQ);

	while (code == 0) {
		CLEANUP(event_done) struct event e = { 0 };
		const struct doc_node *item = NULL;

		code = next(r, &e);
		if (code == 0 && e.ev.type == YAML_SEQUENCE_END_EVENT)
			break;
		if (code == 0)
			code = compose(r, &e.ev, depth + 1, &item);
		if (code == 0 && tree_items_add(&items, item) < 0)
			code = no_memory(r, &e.ev.start_mark);
	}
	if (code)
		return code;
	*ret = tree_seq(r->pool, origin_of(r, &ev->start_mark), items.data, items.n);
	return *ret ? 0 : no_memory(r, &ev->start_mark);
}

static int merge_map(struct reader *r, const yaml_mark_t *mark, const struct doc_node *n,
		     struct tree_pairs *merged)
{
	if (n->kind != DOC_MAP)
		return refuse(r, EBADMSG, mark,
			      "what \"<<\" merges is neither a map nor a list of maps");
	for (size_t i = 0; i < n->len; i++)
		if (tree_pairs_add(merged, &n->pairs[i]) < 0)
			return no_memory(r, mark);
	return count_node(r, mark, n->len);
}

/* "<<: *a" or "<<: [*a, *b]": an earlier map of the list wins, so it is added later. */
static int merge_key(struct reader *r, const yaml_mark_t *mark, const struct doc_node *n,
		     struct tree_pairs *merged)
{
	if (n->kind != DOC_SEQ)
		return merge_map(r, mark, n, merged);
	for (size_t i = n->len; i-- > 0;) {
		int code = merge_map(r, mark, n->items[i], merged);

		if (code)
			return code;
	}
	return 0;
}

static int compose_key(struct reader *r, const yaml_event_t *ev, struct doc_pair *pair)
{
	const struct doc_node *key = NULL;
	int code;

	pair->origin = origin_of(r, &ev->start_mark);
	if (ev->type != YAML_SCALAR_EVENT && ev->type != YAML_ALIAS_EVENT)
		return refuse(r, EBADMSG, &ev->start_mark,
			      "a key must be a plain word, no list or map");
	code = compose(r, ev, 0, &key);
	if (code)
		return code;
	if (!doc_is_scalar(key) || !scalar_is_text(key->text, key->len))
		return refuse(r, EBADMSG, &ev->start_mark, "a key must be plain text");
	pair->key = key->text;
	return 0;
}

/* One "key: value"; a merge key's pairs go to `merged`. */
static int compose_pair(struct reader *r, const yaml_event_t *key, int depth,
			struct tree_pairs *own, struct tree_pairs *merged)
{
	CLEANUP(event_done) struct event e = { 0 };
	struct doc_pair pair = { 0 };
	bool merge = key->type == YAML_SCALAR_EVENT && key->data.scalar.plain_implicit &&
		     !strcmp((const char *)key->data.scalar.value, "<<");
	int code = compose_key(r, key, &pair);

	if (code == 0)
		code = next(r, &e);
	if (code == 0)
		code = compose(r, &e.ev, depth + 1, &pair.val);
	if (code)
		return code;
	if (merge)
		return merge_key(r, &key->start_mark, pair.val, merged);
	return tree_pairs_add(own, &pair) < 0 ? no_memory(r, &key->start_mark) : 0;
}

static int join_pairs(struct reader *r, const yaml_event_t *ev, struct tree_pairs *merged,
		      const struct tree_pairs *own, const struct doc_node **ret)
{
	size_t quiet = merged->n;

	for (size_t i = 0; i < own->n; i++)
		if (tree_pairs_add(merged, &own->data[i]) < 0)
			return no_memory(r, &ev->start_mark);
	*ret = tree_map(r->pool, origin_of(r, &ev->start_mark), merged->data, merged->n, quiet);
	return *ret ? 0 : no_memory(r, &ev->start_mark);
}

static int compose_map(struct reader *r, const yaml_event_t *ev, int depth,
		       const struct doc_node **ret)
{
	AUTO_PAIRS struct tree_pairs own = { 0 }, merged = { 0 };
	int code = check_tag(r, ev, ev->data.mapping_start.tag, DOC_MAP);

	while (code == 0) {
		CLEANUP(event_done) struct event e = { 0 };

		code = next(r, &e);
		if (code == 0 && e.ev.type == YAML_MAPPING_END_EVENT)
			break;
		if (code == 0)
			code = compose_pair(r, &e.ev, depth, &own, &merged);
	}
	return code ? code : join_pairs(r, ev, &merged, &own, ret);
}

static const yaml_char_t *anchor_of(const yaml_event_t *ev)
{
	switch (ev->type) {
	case YAML_SCALAR_EVENT:
		return ev->data.scalar.anchor;
	case YAML_SEQUENCE_START_EVENT:
		return ev->data.sequence_start.anchor;
	case YAML_MAPPING_START_EVENT:
		return ev->data.mapping_start.anchor;
	default:
		return NULL;
	}
}

static int compose(struct reader *r, const yaml_event_t *ev, int depth, const struct doc_node **ret)
{
	const struct doc_node *node = NULL;
	struct anchor *anchor;
	int code;

	if (ev->type == YAML_ALIAS_EVENT)
		return compose_alias(r, ev, ret);
	if (depth >= DOC_DEPTH)
		return refuse(r, E2BIG, &ev->start_mark, "nested deeper than 64 levels");
	code = begin_anchor(r, anchor_of(ev), &ev->start_mark, &anchor);
	if (code == 0)
		code = count_node(r, &ev->start_mark, 1);
	if (code)
		return code;
	if (ev->type == YAML_SCALAR_EVENT)
		code = compose_scalar(r, ev, &node);
	else if (ev->type == YAML_SEQUENCE_START_EVENT)
		code = compose_seq(r, ev, depth, &node);
	else
		code = compose_map(r, ev, depth, &node);
	if (code)
		return code;
	end_anchor(r, anchor, node);
	*ret = node;
	return 0;
}

/* After the document only the end of the stream may come. */
static int expect_end(struct reader *r)
{
	for (;;) {
		CLEANUP(event_done) struct event e = { 0 };
		int code = next(r, &e);

		if (code)
			return code;
		if (e.ev.type == YAML_STREAM_END_EVENT)
			return 0;
		if (e.ev.type == YAML_DOCUMENT_START_EVENT)
			return refuse(r, EBADMSG, &e.ev.start_mark,
				      "a second document begins here (only one is allowed)");
	}
}

static int nothing(struct reader *r, const yaml_mark_t *mark, const struct doc_node **ret)
{
	struct doc_node *n = tree_node(r->pool, DOC_NULL, origin_of(r, mark));

	if (!n)
		return no_memory(r, mark);
	n->text = "";
	*ret = n;
	return 0;
}

/* The root value; an empty stream has none. */
static int read_stream(struct reader *r, const struct doc_node **ret)
{
	for (;;) {
		CLEANUP(event_done) struct event e = { 0 };
		int code = next(r, &e);

		if (code)
			return code;
		if (e.ev.type == YAML_STREAM_START_EVENT || e.ev.type == YAML_DOCUMENT_START_EVENT)
			continue;
		if (e.ev.type == YAML_STREAM_END_EVENT)
			return nothing(r, &e.ev.start_mark, ret);
		code = compose(r, &e.ev, 0, ret);
		return code ? code : expect_end(r);
	}
}

/* A line that is too long for a value is refused at once: scanning it would take a while. */
static int check_lines(struct reader *r)
{
	const char *at = r->text, *end = r->text + r->len;
	yaml_mark_t mark = { 0 };

	for (; at < end; mark.line++) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		size_t len = (size_t)((stop ? stop : end) - at);

		if (len > DOC_SCALAR)
			return refuse(r, E2BIG, &mark, "a line of more than 8 MiB");
		at += len + 1;
	}
	return 0;
}

int doc_yaml(struct doc_pool *p, const char *source, const char *text, size_t len,
	     const struct doc_node **ret, struct error *err)
{
	return doc_yaml_at(p, source, (struct doc_place){ 0 }, text, len, ret, err);
}

int doc_yaml_at(struct doc_pool *p, const char *source, struct doc_place place, const char *text,
		size_t len, const struct doc_node **ret, struct error *err)
{
	CLEANUP(reader_done) struct reader r = { .pool = p, .place = place, .err = err };
	const struct doc_node *root = NULL;
	int code;

	r.source = doc_strdup(p, source, strlen(source));
	if (!r.source || !yaml_parser_initialize(&r.parser))
		return error_set(err, ENOMEM, "%s: no memory", source);
	if (len > DOC_SIZE)
		return error_set(err, E2BIG, "%s: larger than %u MiB", source, DOC_SIZE >> 20);
	if (len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3)) {
		text += 3;
		len -= 3;
	}
	r.text = text;
	r.len = len;
	code = check_lines(&r);
	if (code)
		return code;
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)text, len);
	code = read_stream(&r, &root);
	if (code == 0)
		*ret = root;
	return code;
}
