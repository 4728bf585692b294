/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads XML in one pass over the text, without recursion.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/doc/xml.h"
#include "lib/doc/xml_ref.h"

#define NAME_MAX_BYTES 256
#define XMLNS          "xmlns"

struct name {
	const char *ns; /* "" for none */
	const char *local;
};

struct attr {
	const char *raw; /* with its prefix */
	struct name name;
	const char *value;
};

struct binding {
	const char *prefix, *uri;
	unsigned depth; /* of the element that made it */
};

struct xml {
	struct doc_pool *pool;
	const char *source, *text;
	size_t len, pos, from;
	unsigned depth, nodes;
	bool self_closed; /* the end of <x/> is still to be told */
	const char *open[XML_DEPTH];
	struct binding bindings[XML_BINDINGS];
	unsigned n_bindings;
	struct name name;
	struct attr attrs[XML_ATTRS];
	unsigned n_attrs;
	const char *value;
};

/* --- the text --- */

static int bad(const struct xml *x, size_t at, int code, const char *what, struct error *err)
{
	unsigned line = 1, column = 1;

	for (size_t i = 0; i < at && i < x->len; i++) {
		column++;
		if (x->text[i] == '\n') {
			line++;
			column = 1;
		}
	}
	return error_set(err, code, "%s:%u:%u: %s", x->source, line, column, what);
}

static int peek(const struct xml *x)
{
	return x->pos < x->len ? (unsigned char)x->text[x->pos] : -1;
}

static bool at_text(const struct xml *x, const char *s)
{
	size_t n = strlen(s);

	return n <= x->len - x->pos && !memcmp(x->text + x->pos, s, n);
}

static bool is_space(int c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void skip_space(struct xml *x)
{
	while (is_space(peek(x)))
		x->pos++;
}

static bool is_name_start(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
}

static bool is_name_char(int c)
{
	return is_name_start(c) || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == ':';
}

/* "prefix:local" as it stands. */
static int read_name(struct xml *x, const char **ret, struct error *err)
{
	size_t from = x->pos;

	if (!is_name_start(peek(x)))
		return bad(x, from, EBADMSG, "a name is expected here", err);
	while (is_name_char(peek(x)))
		x->pos++;
	if (x->pos - from > NAME_MAX_BYTES)
		return bad(x, from, E2BIG, "a name that is too long", err);
	*ret = doc_strdup(x->pool, x->text + from, x->pos - from);
	return *ret ? 0 : bad(x, from, E2BIG, "more than can be kept", err);
}

/* Move behind the next `end`. */
static int skip_past(struct xml *x, const char *end, struct error *err)
{
	const char *at = memmem(x->text + x->pos, x->len - x->pos, end, strlen(end));

	if (!at)
		return bad(x, x->pos, EBADMSG, "this has no end", err);
	x->pos = (size_t)(at - x->text) + strlen(end);
	return 0;
}

/* --- references --- */

static int add_reference(struct xml *x, struct buf *b, struct error *err)
{
	const char *text = x->text + x->pos + 1;
	const char *end = memchr(text, ';', x->len - x->pos - 1);
	size_t len = end ? (size_t)(end - text) : 0, at = x->pos;

	if (!end || len == 0 || len > 10)
		return bad(x, at, EBADMSG, "& begins a reference, which has no ;", err);
	x->pos += len + 2;
	if (!xml_ref_add(text, len, b))
		return bad(x, at, EBADMSG,
			   *text == '#' ? "no character has this number"
					: "entities are not known here",
			   err);
	return 0;
}

/* One character or reference; an attribute's line ends are spaces. */
static int add_unit(struct xml *x, bool in_attr, struct buf *b, struct error *err)
{
	int c = peek(x);

	if (c == '&')
		return add_reference(x, b, err);
	if (c < 0x20 && !is_space(c))
		return bad(x, x->pos, EBADMSG, "a control character", err);
	buf_char(b, in_attr && is_space(c) ? ' ' : (char)c);
	x->pos++;
	return 0;
}

static int keep(struct xml *x, struct buf *b, const char **ret, struct error *err)
{
	if (b->failed)
		return buf_check(b, err);
	*ret = doc_strdup(x->pool, buf_text(b), b->len);
	return *ret ? 0 : bad(x, x->pos, E2BIG, "more than can be kept", err);
}

/* --- namespaces --- */

static const char *lookup(const struct xml *x, const char *prefix, size_t len)
{
	for (unsigned i = x->n_bindings; i-- > 0;)
		if (strlen(x->bindings[i].prefix) == len &&
		    !memcmp(x->bindings[i].prefix, prefix, len))
			return x->bindings[i].uri;
	if (len == 3 && !memcmp(prefix, "xml", 3))
		return "http://www.w3.org/XML/1998/namespace";
	return len ? NULL : "";
}

/* The default namespace is the elements' alone. */
static int resolve(const struct xml *x, const char *raw, bool is_attr, struct name *ret,
		   struct error *err)
{
	const char *colon = strchr(raw, ':');

	ret->local = colon ? colon + 1 : raw;
	if (colon && (!is_name_start((unsigned char)colon[1]) || strchr(colon + 1, ':')))
		return bad(x, x->from, EBADMSG, "a name that is no name", err);
	ret->ns = is_attr && !colon ? "" : lookup(x, raw, colon ? (size_t)(colon - raw) : 0);
	return ret->ns ? 0 : bad(x, x->from, EBADMSG, "a prefix that no xmlns explains", err);
}

static int bind(struct xml *x, const struct attr *a, struct error *err)
{
	const char *prefix;

	if (!strcmp(a->raw, XMLNS))
		prefix = "";
	else if (!strncmp(a->raw, XMLNS ":", 6))
		prefix = a->raw + 6;
	else
		return 0;
	if (x->n_bindings == XML_BINDINGS)
		return bad(x, x->from, E2BIG, "too many xmlns", err);
	x->bindings[x->n_bindings++] = (struct binding){ prefix, a->value, x->depth + 1 };
	return 0;
}

/* --- tags --- */

static int read_attr(struct xml *x, struct attr *a, struct error *err)
{
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(XML_SIZE);
	int quote, r = read_name(x, &a->raw, err);

	if (r < 0)
		return r;
	skip_space(x);
	if (peek(x) != '=')
		return bad(x, x->pos, EBADMSG, "= is expected here", err);
	x->pos++;
	skip_space(x);
	quote = peek(x);
	if (quote != '"' && quote != '\'')
		return bad(x, x->pos, EBADMSG, "a quote is expected here", err);
	x->pos++;
	while (r == 0 && peek(x) != quote) {
		if (peek(x) < 0 || peek(x) == '<')
			return bad(x, x->pos, EBADMSG, "the value's quote is not closed", err);
		r = add_unit(x, true, &b, err);
	}
	x->pos++;
	return r < 0 ? r : keep(x, &b, &a->value, err);
}

static int read_attrs(struct xml *x, struct error *err)
{
	x->n_attrs = 0;
	for (;;) {
		size_t at = x->pos;
		int r;

		skip_space(x);
		if (peek(x) == '>' || peek(x) == '/' || peek(x) < 0)
			return 0;
		if (at == x->pos)
			return bad(x, at, EBADMSG, "a space is expected here", err);
		if (x->n_attrs == XML_ATTRS)
			return bad(x, at, E2BIG, "too many attributes", err);
		r = read_attr(x, &x->attrs[x->n_attrs], err);
		if (r == 0)
			r = bind(x, &x->attrs[x->n_attrs], err);
		if (r < 0)
			return r;
		x->n_attrs++;
	}
}

/* Names get their namespaces when all xmlns of the tag are known; none may stand twice. */
static int resolve_all(struct xml *x, const char *raw, struct error *err)
{
	int r = resolve(x, raw, false, &x->name, err);

	for (unsigned i = 0; r == 0 && i < x->n_attrs; i++) {
		struct attr *a = &x->attrs[i];

		if (!strncmp(a->raw, XMLNS, 5) && (a->raw[5] == ':' || !a->raw[5]))
			a->name = (struct name){ XMLNS, a->raw };
		else
			r = resolve(x, a->raw, true, &a->name, err);
		for (unsigned k = 0; r == 0 && k < i; k++)
			if (!strcmp(x->attrs[k].name.local, a->name.local) &&
			    !strcmp(x->attrs[k].name.ns, a->name.ns))
				r = bad(x, x->from, EBADMSG, "an attribute stands twice", err);
	}
	return r;
}

static int read_start(struct xml *x, struct error *err)
{
	const char *raw;
	int r;

	if (x->depth == XML_DEPTH)
		return bad(x, x->pos, E2BIG, "nested too deeply", err);
	if (++x->nodes > XML_NODES)
		return bad(x, x->pos, E2BIG, "too many elements", err);
	x->pos++;
	r = read_name(x, &raw, err);
	if (r == 0)
		r = read_attrs(x, err);
	if (r == 0)
		r = resolve_all(x, raw, err);
	if (r < 0)
		return r;
	if (peek(x) == '/') {
		x->self_closed = true;
		x->pos++;
	}
	if (peek(x) != '>')
		return bad(x, x->pos, EBADMSG, "> is expected here", err);
	x->pos++;
	x->open[x->depth++] = raw;
	return 0;
}

static void leave(struct xml *x)
{
	while (x->n_bindings && x->bindings[x->n_bindings - 1].depth == x->depth)
		x->n_bindings--;
	x->depth--;
}

static int read_end(struct xml *x, struct error *err)
{
	const char *raw;
	int r;

	x->pos += 2;
	r = read_name(x, &raw, err);
	if (r < 0)
		return r;
	if (strcmp(raw, x->open[x->depth - 1]) != 0)
		return bad(x, x->from, EBADMSG, "another element ends here", err);
	skip_space(x);
	if (peek(x) != '>')
		return bad(x, x->pos, EBADMSG, "> is expected here", err);
	x->pos++;
	leave(x);
	return 0;
}

/* --- what stands between tags --- */

static int read_text(struct xml *x, struct error *err)
{
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(XML_SIZE);
	int r = 0;

	while (r == 0 && peek(x) >= 0 && peek(x) != '<')
		r = add_unit(x, false, &b, err);
	return r < 0 ? r : keep(x, &b, &x->value, err);
}

static int read_cdata(struct xml *x, struct error *err)
{
	size_t from = x->pos + 9;
	int r = skip_past(x, "]]>", err);

	if (r < 0)
		return r;
	x->value = doc_strdup(x->pool, x->text + from, x->pos - 3 - from);
	return x->value ? 0 : bad(x, from, E2BIG, "more than can be kept", err);
}

/* 1: something was passed over, 0: nothing of that kind. */
static int skip_one(struct xml *x, struct error *err)
{
	int r;

	if (at_text(x, "<!--"))
		r = skip_past(x, "-->", err);
	else if (at_text(x, "<?"))
		r = skip_past(x, "?>", err);
	else if (at_text(x, "<!DOCTYPE"))
		r = bad(x, x->pos, EBADMSG, "a document type is not accepted", err);
	else
		return 0;
	return r < 0 ? r : 1;
}

static int read_outside(struct xml *x, enum xml_event *ret, struct error *err)
{
	if (x->nodes) {
		*ret = XML_DONE;
		return 0;
	}
	if (peek(x) != '<')
		return bad(x, x->pos, EBADMSG, "an element is expected here", err);
	*ret = XML_START;
	return read_start(x, err);
}

int xml_next(struct xml *x, enum xml_event *ret, struct error *err)
{
	int r = 1;

	if (x->self_closed) {
		x->self_closed = false;
		leave(x);
		*ret = XML_END;
		return 0;
	}
	while (r == 1) {
		if (x->depth == 0)
			skip_space(x);
		x->from = x->pos;
		r = x->depth == 0 && x->nodes ? 0 : skip_one(x, err);
	}
	if (r < 0)
		return r;
	if (x->depth == 0)
		return read_outside(x, ret, err);
	if (peek(x) < 0)
		return bad(x, x->pos, EBADMSG, "the text ends within an element", err);
	if (at_text(x, "</")) {
		*ret = XML_END;
		return read_end(x, err);
	}
	if (at_text(x, "<![CDATA[")) {
		*ret = XML_TEXT;
		return read_cdata(x, err);
	}
	*ret = peek(x) == '<' ? XML_START : XML_TEXT;
	return peek(x) == '<' ? read_start(x, err) : read_text(x, err);
}

/* --- what was read --- */

int xml_open(struct doc_pool *p, const char *source, const char *text, size_t len, struct xml **ret,
	     struct error *err)
{
	struct xml *x = doc_alloc(p, sizeof(*x));

	if (!x)
		return error_set(err, ENOMEM, "%s: no memory", source);
	*x = (struct xml){ .pool = p, .source = source, .text = text, .len = len };
	if (len > XML_SIZE)
		return bad(x, 0, E2BIG, "more text than can be kept", err);
	if (len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3))
		x->pos = 3;
	if (memchr(text, '\0', len))
		return bad(x, 0, EBADMSG, "it is not UTF-8 text", err);
	*ret = x;
	return 0;
}

bool xml_is(const struct xml *x, const char *ns, const char *local)
{
	return x->name.local && !strcmp(x->name.local, local) && (!ns || !strcmp(x->name.ns, ns));
}

const char *xml_attr(const struct xml *x, const char *ns, const char *local)
{
	for (unsigned i = 0; i < x->n_attrs; i++)
		if (!strcmp(x->attrs[i].name.local, local) && !strcmp(x->attrs[i].name.ns, ns))
			return x->attrs[i].value;
	return NULL;
}

const char *xml_text(const struct xml *x)
{
	return x->value ? x->value : "";
}

int xml_inner(struct xml *x, const char **ret, struct error *err)
{
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(XML_SIZE);
	unsigned until = x->depth - 1;
	int r = 0;

	while (r == 0 && x->depth > until) {
		enum xml_event e;

		r = xml_next(x, &e, err);
		if (r == 0 && e == XML_TEXT)
			buf_str(&b, x->value);
	}
	return r < 0 ? r : keep(x, &b, ret, err);
}

unsigned xml_depth(const struct xml *x)
{
	return x->depth;
}

size_t xml_from(const struct xml *x)
{
	return x->from;
}

size_t xml_to(const struct xml *x)
{
	return x->pos;
}
