/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Interprets a template in one pass. A block that is not taken is walked all the same, muted, so
 * that what is wrong in it is told; a loop's body is walked once for each item, and once muted when
 * there are none.
 */
#include "agent/userdata/jinja.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "agent/userdata/jinja_expr.h"
#include "agent/userdata/jinja_tag.h"

/* Blocks in one another. */
#define NESTING 16
/* Work: bytes of the template walked, loops included; a tag counts for TAG_WORK of them. */
#define WORK_MAX (32u << 20)
#define TAG_WORK 512
#define MISSING	 "CI_MISSING_JINJA_VAR/"

struct interp {
	const struct jinja *j;
	struct jinja_cursor c;
	const char *end;
	struct buf *out;
	struct buf lines; /* an unsigned for every line of the output */
	struct error *err;
	size_t work;
	int nesting;
	bool line_start; /* nothing is in the output's last line */
};

/* What ended a stretch of text. */
enum stop { STOP_EOF, STOP_ELIF, STOP_ELSE, STOP_ENDIF, STOP_ENDFOR };

static const char *const stop_names[] = { [STOP_EOF] = "the end",
					  [STOP_ELIF] = "elif",
					  [STOP_ELSE] = "else",
					  [STOP_ENDIF] = "endif",
					  [STOP_ENDFOR] = "endfor" };

static int walk(struct interp *t, const struct jinja_scope *s, bool mute, enum stop *ret_stop);

/* --- places --- */

static struct doc_origin origin_of(const struct interp *t, struct jinja_cursor c)
{
	struct doc_origin o = { .source = t->j->source, .line = c.line, .column = 1 };

	for (const char *s = c.line_start; s < c.at; s++)
		o.column += ((unsigned char)*s & 0xc0) != 0x80;
	return o;
}

static struct doc_origin place_in(const struct interp *t, const struct jinja_tag *tag,
				  const char *place)
{
	struct jinja_cursor c = tag->at;

	jinja_tag_advance(&c, place);
	return origin_of(t, c);
}

static int fail(struct interp *t, struct doc_origin at, const char *what, const char *name)
{
	return error_set(t->err, EBADMSG, "%s:%u:%u: %s%s%s", at.source, at.line, at.column, what,
			 *name ? " " : "", name);
}

static int refused(struct interp *t, const struct jinja_tag *tag, const struct jinja_expr *e)
{
	struct doc_origin at = place_in(t, tag, e->place);
	const char *quote = *e->name ? "\"" : "";

	return error_set(t->err, EBADMSG, "%s:%u:%u: %s%s%s%s%s%s", at.source, at.line, at.column,
			 e->refused, *e->name ? " " : "", quote, e->name, quote,
			 e->wrong ? ""
				  : " is not supported in templates (variables, default, if and "
				    "for are)");
}

/* --- output --- */

/* The line of the template that begins the current line of the output, once something is in it. */
static void begin_line(struct interp *t, unsigned line)
{
	if (!t->line_start)
		return;
	buf_add(&t->lines, &line, sizeof(line));
	t->line_start = false;
}

/* A piece of the template itself. */
static void put_text(struct interp *t, struct jinja_cursor from, const char *to)
{
	buf_add(t->out, from.at, (size_t)(to - from.at));
	while (from.at < to) {
		const char *nl = memchr(from.at, '\n', (size_t)(to - from.at));

		begin_line(t, from.line++);
		t->line_start = nl;
		from.at = nl ? nl + 1 : to;
	}
}

/* What a tag has put behind `before`: all of it stands in the tag's line. */
static void count_lines(struct interp *t, size_t before, unsigned line)
{
	for (size_t i = before; i < t->out->len; i++) {
		begin_line(t, line);
		t->line_start = t->out->data[i] == '\n';
	}
}

/* --- tags --- */

/* Over the tag at the cursor. */
static int take_tag(struct interp *t, struct jinja_tag *ret)
{
	t->work += TAG_WORK;
	if (jinja_tag_take(&t->c, t->end, ret))
		return 0;
	return fail(t, origin_of(t, t->c), "this tag is not closed", "");
}

static struct jinja_expr expression(const struct interp *t, const struct jinja_scope *s,
				    const struct jinja_tag *tag)
{
	struct jinja_expr e = { .pool = t->j->pool, .vars = t->j->vars, .scope = s };

	jinja_token_begin(&e, tag->from, tag->to);
	return e;
}

/* Nothing may follow. */
static int expect_end(struct interp *t, const struct jinja_tag *tag, struct jinja_expr *e)
{
	if (e->token == JINJA_END)
		return 0;
	jinja_token_wrong(e);
	return refused(t, tag, e);
}

static int read_value(struct interp *t, const struct jinja_tag *tag, struct jinja_expr *e,
		      struct jinja_value *ret)
{
	if (!jinja_expr_read(e, ret))
		return refused(t, tag, e);
	return expect_end(t, tag, e);
}

static int print(struct interp *t, const struct jinja_scope *s, bool mute,
		 const struct jinja_tag *tag)
{
	struct jinja_expr e = expression(t, s, tag);
	size_t before = t->out->len;
	struct jinja_value v;
	int r = read_value(t, tag, &e, &v);

	if (r < 0 || mute)
		return r;
	if (v.node) {
		jinja_expr_print(v.node, t->out);
	} else {
		buf_str(t->out, MISSING);
		buf_str(t->out, v.missing);
	}
	count_lines(t, before, tag->at.line);
	if (!v.node && t->j->vars)
		doc_say(t->j->pool, false, place_in(t, tag, v.place ? v.place : tag->from),
			"there is no variable of the name \"%s\" (| default(…) gives one)",
			v.missing);
	return 0;
}

/* A body was read up to `stop`, which is none of those that may end it. */
static int wrong_stop(struct interp *t, const struct jinja_tag *opened, enum stop stop)
{
	if (stop == STOP_EOF)
		return fail(t, origin_of(t, opened->at), "this block is not closed", "");
	return fail(t, origin_of(t, opened->at), "this block is closed by", stop_names[stop]);
}

/* The tag that stopped a walk is read again: it begins behind `open`. */
static int condition(struct interp *t, const struct jinja_scope *s, const struct jinja_tag *tag,
		     bool *ret)
{
	struct jinja_expr e = expression(t, s, tag);
	struct jinja_value v;
	int r;

	jinja_token_next(&e); /* over "if" or "elif" */
	r = read_value(t, tag, &e, &v);
	*ret = r == 0 && jinja_expr_is_true(&v);
	return r;
}

/* An "if" whose tag was read: its branches up to endif. */
static int do_if(struct interp *t, const struct jinja_scope *s, bool mute, struct jinja_tag tag)
{
	bool done = false, yes = false, last = false;
	struct jinja_tag opened = tag;

	for (;;) {
		enum stop stop = STOP_EOF;
		int r = last ? 0 : condition(t, s, &tag, &yes);

		if (r == 0)
			r = walk(t, s, mute || done || !(yes || last), &stop);
		if (r < 0)
			return r;
		done = done || yes;
		if (stop == STOP_ENDIF)
			return take_tag(t, &tag);
		if ((stop != STOP_ELIF && stop != STOP_ELSE) || last)
			return wrong_stop(t, &opened, stop);
		last = stop == STOP_ELSE;
		r = take_tag(t, &tag);
		if (r < 0)
			return r;
	}
}

/* "for NAME in expression" */
static int read_for(struct interp *t, const struct jinja_tag *tag, struct jinja_expr *e,
		    struct jinja_scope *ret, const struct doc_node **ret_list)
{
	struct jinja_value v;
	int r;

	jinja_token_next(e);
	if (e->token != JINJA_WORD || e->len >= JINJA_NAME)
		jinja_token_wrong(e);
	else
		memcpy(ret->name, e->from, e->len);
	jinja_token_next(e);
	if (jinja_token_is(e, ","))
		jinja_token_refuse(e, "a loop of two names, with");
	else if (!jinja_token_is(e, "in"))
		jinja_token_wrong(e);
	jinja_token_next(e);
	if (e->refused || !jinja_expr_read(e, &v))
		return refused(t, tag, e);
	if (jinja_token_is(e, "recursive"))
		jinja_token_refuse(e, "a loop that is");
	r = e->refused ? refused(t, tag, e) : expect_end(t, tag, e);
	*ret_list = v.node;
	return r;
}

static const struct doc_node *item_of(struct interp *t, const struct doc_node *list, size_t i)
{
	return list->kind == DOC_SEQ ? list->items[i]
				     : doc_new_str(t->j->pool, NULL, list->pairs[i].key);
}

/* The bodies of a loop, from `body` on. Returns behind the last, at what stopped it. */
static int do_items(struct interp *t, struct jinja_scope *inner, bool mute,
		    const struct doc_node *list, enum stop *ret_stop)
{
	struct jinja_cursor body = t->c;
	int r = 0;

	if (mute || inner->length == 0)
		return walk(t, inner, true, ret_stop);
	for (size_t i = 0; r == 0 && i < inner->length; i++) {
		t->c = body;
		inner->index = i;
		inner->node = item_of(t, list, i);
		r = inner->node ? walk(t, inner, false, ret_stop)
				: error_set(t->err, E2BIG, "the template makes too many values");
		if (*ret_stop != STOP_ELSE && *ret_stop != STOP_ENDFOR)
			break;
	}
	return r;
}

static int do_for(struct interp *t, const struct jinja_scope *s, bool mute,
		  const struct jinja_tag *tag)
{
	struct jinja_expr e = expression(t, s, tag);
	struct jinja_scope inner = { .outer = s };
	const struct doc_node *list = NULL;
	enum stop stop = STOP_EOF;
	struct jinja_tag end;
	int r = read_for(t, tag, &e, &inner, &list);

	if (r < 0)
		return r;
	if (list && doc_is_scalar(list) && !mute)
		return fail(t, origin_of(t, tag->at), "a loop needs a list or a map", "");
	inner.length = list && !doc_is_scalar(list) ? list->len : 0;
	r = do_items(t, &inner, mute, list, &stop);
	if (r == 0 && stop == STOP_ELSE) {
		r = take_tag(t, &end);
		if (r == 0)
			r = walk(t, s, mute || inner.length > 0, &stop);
	}
	if (r < 0)
		return r;
	return stop == STOP_ENDFOR ? take_tag(t, &end) : wrong_stop(t, tag, stop);
}

/* The tag at `open` is the one that ends a raw block. */
static bool is_endraw(const char *open, const char *end)
{
	static const char word[] = "endraw";
	const char *s = open + 2;

	if (open + 1 >= end || open[1] != '%')
		return false;
	s += s < end && (*s == '-' || *s == '+');
	while (s < end && isspace((unsigned char)*s))
		s++;
	return (size_t)(end - s) > sizeof(word) && !strncmp(s, word, sizeof(word) - 1);
}

/* Everything up to "{% endraw %}" as it stands. */
static int do_raw(struct interp *t, bool mute, const struct jinja_tag *tag)
{
	struct jinja_cursor from = t->c;
	struct jinja_tag end;

	for (;;) {
		jinja_tag_advance(&t->c, jinja_tag_find(t->c.at, t->end));
		if (t->c.at == t->end)
			return wrong_stop(t, tag, STOP_EOF);
		if (is_endraw(t->c.at, t->end))
			break;
		jinja_tag_advance(&t->c, t->c.at + 2);
	}
	t->work += (size_t)(t->c.at - from.at);
	if (!mute)
		put_text(t, from, t->c.at);
	return take_tag(t, &end);
}

/* Which stop a "{% … %}" is, if any. */
static bool find_stop(const struct jinja_expr *e, enum stop *ret)
{
	for (size_t i = STOP_ELIF; i < ARRAY_LEN(stop_names); i++)
		if (jinja_token_is(e, stop_names[i])) {
			*ret = (enum stop)i;
			return true;
		}
	return false;
}

static int do_block(struct interp *t, const struct jinja_scope *s, bool mute,
		    const struct jinja_tag *tag)
{
	struct jinja_expr e = expression(t, s, tag);
	int r;

	if (t->nesting >= NESTING)
		return fail(t, origin_of(t, tag->at), "blocks are nested too deeply", "");
	t->nesting++;
	if (jinja_token_is(&e, "if")) {
		r = do_if(t, s, mute, *tag);
	} else if (jinja_token_is(&e, "for")) {
		r = do_for(t, s, mute, tag);
	} else if (jinja_token_is(&e, "raw")) {
		r = do_raw(t, mute, tag);
	} else {
		jinja_token_refuse(&e, "the tag");
		r = refused(t, tag, &e);
	}
	t->nesting--;
	return r;
}

/* The text before a tag; "{%-" takes the blanks at its end away. */
static void do_text(struct interp *t, bool mute, const char *to)
{
	const char *end = to;

	if (to < t->end && to + 2 < t->end && to[2] == '-')
		while (end > t->c.at && isspace((unsigned char)end[-1]))
			end--;
	if (!mute)
		put_text(t, t->c, end);
	t->work += (size_t)(to - t->c.at);
	jinja_tag_advance(&t->c, to);
}

/* From the cursor to the end or to a tag that ends a block, before which the cursor stays. */
static int walk(struct interp *t, const struct jinja_scope *s, bool mute, enum stop *ret_stop)
{
	for (;;) {
		struct jinja_cursor before;
		struct jinja_expr e;
		struct jinja_tag tag;
		int r;

		do_text(t, mute, jinja_tag_find(t->c.at, t->end));
		if (t->out->failed || t->lines.failed || t->work > WORK_MAX)
			return error_set(t->err, E2BIG, "%s: the template makes too much",
					 t->j->source);
		*ret_stop = STOP_EOF;
		if (t->c.at == t->end)
			return 0;
		before = t->c;
		r = take_tag(t, &tag);
		if (r < 0)
			return r;
		if (tag.kind == '%') {
			e = expression(t, s, &tag);
			if (find_stop(&e, ret_stop)) {
				t->c = before;
				return 0;
			}
			r = do_block(t, s, mute, &tag);
		} else if (tag.kind == '{') {
			r = print(t, s, mute, &tag);
		}
		if (r < 0)
			return r;
	}
}

/* The lines' numbers go into the pool. */
static int keep_lines(struct interp *t, struct doc_place *ret)
{
	bool full = t->lines.failed || t->out->failed;
	unsigned *lines = full ? NULL : doc_alloc(t->j->pool, t->lines.len);

	if (!lines)
		return error_set(t->err, E2BIG, "%s: the template makes too much", t->j->source);
	memcpy(lines, t->lines.data, t->lines.len);
	*ret = (struct doc_place){ .first = t->j->first,
				   .lines = lines,
				   .n_lines = t->lines.len / sizeof(*lines) };
	return 0;
}

int jinja_render(const struct jinja *j, const char *text, struct buf *out,
		 struct doc_place *ret_place, struct error *err)
{
	size_t len = strlen(text);
	bool ends_line = len && text[len - 1] == '\n';
	struct interp t = { .j = j,
			    .c = { text, j->first, text },
			    .end = text + len - ends_line,
			    .out = out,
			    .lines = BUF_WITH_LIMIT(BUF_LIMIT),
			    .err = err,
			    .line_start = true };
	enum stop stop = STOP_EOF;
	int r = walk(&t, NULL, false, &stop);

	if (r == 0 && stop != STOP_EOF)
		r = fail(&t, origin_of(&t, t.c), "there is no block here to be ended by",
			 stop_names[stop]);
	/* As cloud-init does: the last end of line stays, whatever tag stands before it. */
	if (ends_line)
		put_text(&t, t.c, t.end + 1);
	begin_line(&t, t.c.line + ends_line);
	if (r == 0)
		r = keep_lines(&t, ret_place);
	buf_done(&t.lines);
	return r;
}
