/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Interprets a template in one pass. A block that is not taken is walked all the same, muted; a
 * loop's body is walked once for each item (and once, muted, when there are none).
 */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "templates/template.h"

#define NESTING 8
#define PATH_MAX_LEN 256

/* The name of a loop and what it stands for now. */
struct scope {
	const struct scope *outer;
	const char *name;
	const struct doc_node *node; /* an item; NULL for a pair of a map */
	const struct doc_pair *pair;
};

struct interp {
	const char *name;
	const char *text; /* all of it, for counting lines */
	const char *at;
	const struct doc_node *data;
	struct buf *out;
	struct error *err;
	int nesting;
};

/* What ended a stretch of text. */
enum stop { STOP_EOF, STOP_ELSE, STOP_END };

static int walk(struct interp *t, const struct scope *s, bool mute, enum stop *ret_stop);

static unsigned line_of(const struct interp *t, const char *place)
{
	unsigned line = 1;

	for (const char *s = t->text; s < place; s++)
		line += *s == '\n';
	return line;
}

static int fail(struct interp *t, const char *place, const char *what, const char *detail)
{
	return error_set(t->err, EBADMSG, "%s:%u: %s%s%.80s", t->name, line_of(t, place), what,
			 detail ? ": " : "", detail ? detail : "");
}

/* --- values --- */

static const struct scope *find_scope(const struct scope *s, const char *path,
				      const char **ret_rest)
{
	size_t len = strcspn(path, ".");

	for (; s; s = s->outer)
		if (strlen(s->name) == len && !strncmp(s->name, path, len)) {
			*ret_rest = path[len] ? path + len + 1 : path + len;
			return s;
		}
	return NULL;
}

/* x.key has no node of its own: it is made in *key. */
static const struct doc_node *lookup(const struct interp *t, const struct scope *s,
				     const char *path, struct doc_node *key)
{
	const char *rest;

	s = find_scope(s, path, &rest);
	if (!s)
		return doc_at(t->data, path);
	if (!s->pair)
		return doc_at(s->node, rest);
	if (!strcmp(rest, "key")) {
		*key = (struct doc_node){ .kind = DOC_STR, .text = s->pair->key,
					  .len = strlen(s->pair->key) };
		return key;
	}
	if (!strncmp(rest, "value", 5) && (!rest[5] || rest[5] == '.'))
		return doc_at(s->pair->val, rest[5] ? rest + 6 : "");
	return NULL;
}

static bool is_true(const struct doc_node *n)
{
	if (!n || n->kind == DOC_NULL)
		return false;
	if (n->kind == DOC_BOOL)
		return n->boolean;
	if (n->kind == DOC_INT)
		return n->integer != 0;
	return n->len > 0;
}

/* The first character of a value that a filter forbids, or that there is none. */
static bool is_allowed(const struct doc_node *n, const char *forbidden)
{
	for (size_t i = 0; i < n->len; i++) {
		unsigned char c = (unsigned char)n->text[i];

		if (c < 0x20 || c == 0x7f || strchr(forbidden, c))
			return false;
	}
	return true;
}

static int put_value(struct interp *t, const char *place, const struct doc_node *n,
		     const char *path, const char *filter)
{
	const char *forbidden = "\"'`";

	if (!strcmp(filter, "json")) {
		doc_json_write(n, t->out);
		return 0;
	}
	if (!doc_is_scalar(n) || n->kind == DOC_NULL)
		return fail(t, place, "no single value", path);
	if (!strcmp(filter, "line"))
		forbidden = "";
	else if (!strcmp(filter, "word"))
		forbidden = " \"'`#;\\";
	if (!is_allowed(n, forbidden) || (n->len == 0 && !strcmp(filter, "word")))
		return fail(t, place, "the value holds a character that may not stand here", path);
	buf_add(t->out, n->text, n->len);
	return 0;
}

/* --- reading tags --- */

/* The text between t->at and `close`, without blanks around it; moves behind the close. */
static int take_tag(struct interp *t, const char *close, char *ret)
{
	const char *from = t->at, *end = strstr(from, close);
	size_t len;

	if (!end)
		return fail(t, from, "a tag that does not end", NULL);
	t->at = end + strlen(close);
	while (from < end && isspace((unsigned char)*from))
		from++;
	while (end > from && isspace((unsigned char)end[-1]))
		end--;
	len = (size_t)(end - from);
	if (len >= PATH_MAX_LEN)
		return fail(t, from, "a tag that is too long", NULL);
	memcpy(ret, from, len);
	ret[len] = '\0';
	return 0;
}

/* A tag alone in its line takes the blanks before it and the newline behind it. */
static void trim_line(struct interp *t, bool mute, const char *tag_start)
{
	const char *s = tag_start;

	while (s > t->text && (s[-1] == ' ' || s[-1] == '\t'))
		s--;
	if ((s > t->text && s[-1] != '\n') || *t->at != '\n')
		return;
	t->at++;
	while (!mute && t->out->len && strchr(" \t", t->out->data[t->out->len - 1]))
		t->out->data[--t->out->len] = '\0';
}

static bool is_path(const char *s)
{
	return *s && !s[strcspn(s, " \t\n|{}%")];
}

/* Cut the next word off; returns the rest. */
static char *take_word(char *s)
{
	s += strcspn(s, " \t\n");
	if (*s)
		*s++ = '\0';
	return s + strspn(s, " \t\n");
}

static bool is_filter(const char *s)
{
	return !strcmp(s, "") || !strcmp(s, "json") || !strcmp(s, "word") || !strcmp(s, "line");
}

/* {{ path | filter }} */
static int do_value(struct interp *t, const struct scope *s, bool mute)
{
	const char *place = t->at;
	char tag[PATH_MAX_LEN], *filter;
	struct doc_node key;
	int r = take_tag(t, "}}", tag);

	if (r < 0)
		return r;
	filter = strchr(tag, '|');
	if (filter) {
		*filter++ = '\0';
		filter += strspn(filter, " \t");
	}
	(void)take_word(tag);
	if (!is_path(tag) || !is_filter(filter ? filter : ""))
		return fail(t, place, "a value is {{ path }} or {{ path | json, word or line }}",
			    NULL);
	if (mute)
		return 0;
	return put_value(t, place, lookup(t, s, tag, &key), tag, filter ? filter : "");
}

static int do_if(struct interp *t, const struct scope *s, bool mute, char *condition)
{
	const char *place = t->at;
	char *path = condition;
	bool negate = false, taken;
	struct doc_node key;
	enum stop stop;
	int r;

	if (!strncmp(condition, "not ", 4)) {
		negate = true;
		path = condition + 4;
	}
	if (!is_path(path))
		return fail(t, place, "a condition is {% if path %} or {% if not path %}", NULL);
	taken = is_true(lookup(t, s, path, &key)) != negate;
	r = walk(t, s, mute || !taken, &stop);
	if (r == 0 && stop == STOP_ELSE)
		r = walk(t, s, mute || taken, &stop);
	if (r == 0 && stop != STOP_END)
		return fail(t, place, "{% if %} without {% end %}", NULL);
	return r;
}

static int do_body(struct interp *t, const struct scope *s, bool mute, const char *place)
{
	enum stop stop;
	int r = walk(t, s, mute, &stop);

	if (r == 0 && stop != STOP_END)
		return fail(t, place, "{% for %} without {% end %}", NULL);
	return r;
}

static int do_for(struct interp *t, const struct scope *s, bool mute, char *rest)
{
	const char *place = t->at, *body = t->at;
	char *in = take_word(rest), *path = take_word(in);
	struct scope inner = { .outer = s, .name = rest };
	const struct doc_node *list;
	struct doc_node key;
	size_t n;
	int r = 0;

	if (!is_path(rest) || strcmp(in, "in") || !is_path(path))
		return fail(t, place, "a loop is {% for name in path %}", NULL);
	list = lookup(t, s, path, &key);
	if (!mute && list && doc_is_scalar(list) && list->kind != DOC_NULL)
		return fail(t, place, "neither a list nor a map", path);
	n = !mute && list && !doc_is_scalar(list) ? list->len : 0;
	if (n == 0)
		return do_body(t, &inner, true, place);
	for (size_t i = 0; r == 0 && i < n; i++) {
		t->at = body;
		inner.node = list->kind == DOC_SEQ ? list->items[i] : NULL;
		inner.pair = list->kind == DOC_MAP ? &list->pairs[i] : NULL;
		r = do_body(t, &inner, false, place);
	}
	return r;
}

/* {% … %}; *ret_stop is STOP_EOF when the text goes on. */
static int do_tag(struct interp *t, const struct scope *s, bool mute, enum stop *ret_stop)
{
	const char *place = t->at;
	char tag[PATH_MAX_LEN], *rest;
	int r = take_tag(t, "%}", tag);

	*ret_stop = STOP_EOF;
	if (r < 0)
		return r;
	trim_line(t, mute, place - 2);
	rest = take_word(tag);
	if (!strcmp(tag, "end") || !strcmp(tag, "else")) {
		*ret_stop = !strcmp(tag, "end") ? STOP_END : STOP_ELSE;
		return *rest ? fail(t, place, "words behind the tag", rest) : 0;
	}
	if (++t->nesting > NESTING)
		return fail(t, place, "nested too deep", NULL);
	if (!strcmp(tag, "if"))
		r = do_if(t, s, mute, rest);
	else if (!strcmp(tag, "for"))
		r = do_for(t, s, mute, rest);
	else
		r = fail(t, place, "an unknown tag", tag);
	t->nesting--;
	return r;
}

static int do_comment(struct interp *t, bool mute)
{
	const char *place = t->at, *end = strstr(t->at, "#}");

	if (!end)
		return fail(t, place, "a comment that does not end", NULL);
	t->at = end + 2;
	trim_line(t, mute, place - 2);
	return 0;
}

/* Text and tags up to the end, an {% else %} or an {% end %}. */
static int walk(struct interp *t, const struct scope *s, bool mute, enum stop *ret_stop)
{
	*ret_stop = STOP_EOF;
	while (*t->at && *ret_stop == STOP_EOF) {
		char kind = t->at[0] == '{' ? t->at[1] : '\0';
		int r = 0;

		if (kind != '{' && kind != '%' && kind != '#') {
			if (!mute)
				buf_char(t->out, *t->at);
			t->at++;
			continue;
		}
		t->at += 2;
		if (kind == '{')
			r = do_value(t, s, mute);
		else if (kind == '%')
			r = do_tag(t, s, mute, ret_stop);
		else
			r = do_comment(t, mute);
		if (r < 0)
			return r;
	}
	return 0;
}

int template_render(const char *name, const char *text, const struct doc_node *data,
		    struct buf *out, struct error *err)
{
	struct interp t = { .name = name, .text = text, .at = text, .data = data, .out = out,
			    .err = err };
	enum stop stop;
	int r = walk(&t, NULL, false, &stop);

	if (r == 0 && stop != STOP_EOF)
		return fail(&t, t.at, "{% else %} or {% end %} without a beginning", NULL);
	return r < 0 ? r : buf_check(out, err);
}
