/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON ↔ document, by cJSON, whose traps are kept out here: it rounds numbers to doubles, forgets
 * positions, accepts white space that is none, cuts strings at \u0000, keeps duplicate keys and
 * would allocate for whatever a hostile text asks.
 *
 * The text is scanned once before cJSON sees it (limits), and walked again in step with cJSON's
 * tree (document order): that gives every value its place and every number its source text.
 */
#include <errno.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "lib/doc/doc.h"
#include "lib/doc/scalar.h"
#include "lib/doc/tree.h"

/* A place in the text that only moves forward. */
struct cursor {
	const char *at;
	struct doc_origin origin;
};

struct reader {
	struct doc_pool *pool;
	const char *source;
	struct cursor cursor;
	struct error *err;
};

static void step(struct cursor *c)
{
	if (*c->at == '\n') {
		c->origin.line++;
		c->origin.column = 1;
	} else if (((unsigned char)*c->at & 0xc0) != 0x80) {
		c->origin.column++;
	}
	c->at++;
}

static int refuse(struct reader *r, int code, const char *what)
{
	return error_set(r->err, code, "%s:%u:%u: %s", r->source, r->cursor.origin.line,
			 r->cursor.origin.column, what);
}

/* Over a string's closing quote; false when there is none. */
static bool skip_string(struct cursor *c)
{
	for (step(c); *c->at && *c->at != '"'; step(c))
		if (*c->at == '\\' && c->at[1])
			step(c);
	if (!*c->at)
		return false;
	step(c);
	return true;
}

static struct cursor begin(const struct reader *r, const char *text)
{
	return (struct cursor){ .at = text, .origin = { r->source, 1, 1 } };
}

/* A string's text as it stands: no control characters, no \u0000. */
static int check_string(struct reader *r)
{
	struct cursor *c = &r->cursor, start = *c;

	for (step(c); *c->at && *c->at != '"'; step(c)) {
		if ((unsigned char)*c->at < 0x20)
			return refuse(r, EBADMSG,
				      "a control character in a string (write \\n, \\t …)");
		if (*c->at != '\\')
			continue;
		if (!strncmp(c->at, "\\u0000", 6))
			return refuse(r, EBADMSG, "\\u0000 in a string");
		step(c);
		if (!*c->at)
			break;
	}
	if (!*c->at) {
		*c = start;
		return refuse(r, EBADMSG, "a string that does not end");
	}
	step(c);
	return 0;
}

/* Before cJSON: depth, number of values, strings, white space. */
static int check_limits(struct reader *r, const char *text)
{
	struct cursor *c = &r->cursor;
	size_t values = 1;
	int depth = 0;

	*c = begin(r, text);
	while (*c->at) {
		if (*c->at == '"') {
			int code = check_string(r);

			if (code)
				return code;
			continue;
		}
		if ((unsigned char)*c->at < 0x20 && !strchr("\t\n\r", *c->at))
			return refuse(r, EBADMSG, "a control character");
		if (strchr("[{", *c->at) && ++depth > DOC_DEPTH)
			return refuse(r, E2BIG, "nested deeper than 64 levels");
		depth -= strchr("]}", *c->at) != NULL;
		values += strchr("[{,", *c->at) != NULL;
		if (values > DOC_NODES)
			return refuse(r, E2BIG, "more than 100000 values");
		step(c);
	}
	return 0;
}

/* Move to where the next value or key begins, and over it (over the bracket of a container). */
static struct doc_origin take_token(struct reader *r, const char **ret_text, size_t *ret_len)
{
	struct cursor *c = &r->cursor;
	struct doc_origin origin;

	while (*c->at && strchr(" \t\r\n,:]}", *c->at))
		step(c);
	origin = c->origin;
	*ret_text = c->at;
	if (*c->at == '"')
		(void)skip_string(c);
	else if (*c->at == '[' || *c->at == '{')
		step(c);
	else
		while (*c->at && !strchr(" \t\r\n,:]}", *c->at))
			step(c);
	*ret_len = (size_t)(c->at - *ret_text);
	return origin;
}

static int convert(struct reader *r, const cJSON *item, const struct doc_node **ret);

static int no_memory(struct reader *r)
{
	return refuse(r, E2BIG, "the document is too large");
}

/* `item`'s own text is `text`; numbers keep it. */
static int convert_scalar(struct reader *r, const cJSON *item, struct doc_node *n, const char *text,
			  size_t len)
{
	union scalar_value v;

	n->len = len;
	n->text = doc_strdup(r->pool, text, len);
	if (cJSON_IsBool(item)) {
		n->kind = DOC_BOOL;
		n->boolean = cJSON_IsTrue(item);
	} else if (cJSON_IsString(item)) {
		n->kind = DOC_STR;
		n->len = strlen(item->valuestring);
		n->text = doc_strdup(r->pool, item->valuestring, n->len);
	} else if (cJSON_IsNumber(item)) {
		if (!scalar_is_json_number(text, len))
			return refuse(r, EBADMSG, "not a number");
		n->kind = scalar_resolve(text, len, &v);
		if (n->kind == DOC_INT) {
			n->integer = v.integer;
		} else {
			n->kind = DOC_FLOAT;
			n->number = item->valuedouble;
		}
	}
	return n->text ? 0 : no_memory(r);
}

static int convert_list(struct reader *r, const cJSON *item, struct doc_origin at,
			const struct doc_node **ret)
{
	AUTO_ITEMS struct tree_items items = { 0 };
	const cJSON *child;

	cJSON_ArrayForEach(child, item) {
		const struct doc_node *node = NULL;
		int code = convert(r, child, &node);

		if (code)
			return code;
		if (tree_items_add(&items, node) < 0)
			return no_memory(r);
	}
	*ret = tree_seq(r->pool, at, items.data, items.n);
	return *ret ? 0 : no_memory(r);
}

static int convert_map(struct reader *r, const cJSON *item, struct doc_origin at,
		       const struct doc_node **ret)
{
	AUTO_PAIRS struct tree_pairs pairs = { 0 };
	const cJSON *child;

	cJSON_ArrayForEach(child, item) {
		struct doc_pair pair = { 0 };
		const char *text;
		size_t len;
		int code;

		pair.origin = take_token(r, &text, &len);
		pair.key = doc_strdup(r->pool, child->string, strlen(child->string));
		code = convert(r, child, &pair.val);
		if (code)
			return code;
		if (!pair.key || tree_pairs_add(&pairs, &pair) < 0)
			return no_memory(r);
	}
	*ret = tree_map(r->pool, at, pairs.data, pairs.n, 0);
	return *ret ? 0 : no_memory(r);
}

static int convert(struct reader *r, const cJSON *item, const struct doc_node **ret)
{
	struct doc_node *n;
	const char *text;
	size_t len;
	struct doc_origin at = take_token(r, &text, &len);

	if (cJSON_IsArray(item))
		return convert_list(r, item, at, ret);
	if (cJSON_IsObject(item))
		return convert_map(r, item, at, ret);
	n = tree_node(r->pool, DOC_NULL, at);
	if (!n)
		return no_memory(r);
	*ret = n;
	return convert_scalar(r, item, n, text, len);
}

static void delete_json(cJSON **j)
{
	cJSON_Delete(*j);
}

static int parse_failed(struct reader *r, const char *text, const char *end)
{
	r->cursor = begin(r, text);
	while (*r->cursor.at && r->cursor.at < end)
		step(&r->cursor);
	return refuse(r, EBADMSG,
		      *r->cursor.at ? "no valid JSON from here on" : "the JSON text is cut off");
}

int doc_json_parse(struct doc_pool *p, const char *source, const char *text, size_t len,
		   const struct doc_node **ret, struct error *err)
{
	struct reader r = { .pool = p, .err = err };
	CLEANUP(delete_json) cJSON *json = NULL;
	const struct doc_node *root = NULL;
	const char *copy, *end = NULL;
	int code;

	r.source = doc_strdup(p, source, strlen(source));
	if (len > DOC_SIZE)
		return error_set(err, E2BIG, "%s: larger than %u MiB", source, DOC_SIZE >> 20);
	copy = doc_strdup(p, text, len);
	if (!copy || !r.source)
		return error_set(err, ENOMEM, "%s: no memory", source);
	code = check_limits(&r, copy);
	if (code)
		return code;
	if (strlen(copy) != len)
		return refuse(&r, EBADMSG, "a NUL byte");
	json = cJSON_ParseWithLengthOpts(copy, len + 1, &end, 1);
	if (!json)
		return parse_failed(&r, copy, end ? end : copy + len);
	r.cursor = begin(&r, copy);
	code = convert(&r, json, &root);
	if (code == 0)
		*ret = root;
	return code;
}

/* Text that may hold NULs; the replacement character stands for what JSON cannot carry. */
static void write_string(const char *text, size_t len, struct buf *out)
{
	const char *end = text + len;

	buf_char(out, '"');
	while (text <= end) {
		size_t piece = strlen(text);

		buf_json(out, text);
		text += piece;
		if (text < end)
			buf_str(out, "\xef\xbf\xbd");
		text++;
	}
	buf_char(out, '"');
}

static void write_scalar(const struct doc_node *n, struct buf *out)
{
	if (n->kind == DOC_NULL)
		buf_str(out, "null");
	else if (n->kind == DOC_BOOL)
		buf_str(out, n->boolean ? "true" : "false");
	else if (n->kind == DOC_INT)
		buf_fmt(out, "%lld", (long long)n->integer);
	else if (n->kind == DOC_FLOAT && scalar_is_json_number(n->text, n->len))
		buf_add(out, n->text, n->len);
	else if (n->kind == DOC_FLOAT && __builtin_isfinite(n->number))
		buf_fmt(out, "%.17g", n->number);
	else
		write_string(n->text, n->len, out);
}

static void write_list(const struct doc_node *n, struct buf *out)
{
	buf_char(out, '[');
	for (size_t i = 0; i < n->len; i++) {
		if (i)
			buf_char(out, ',');
		doc_json_write(n->items[i], out);
	}
	buf_char(out, ']');
}

static void write_map(const struct doc_node *n, struct buf *out)
{
	buf_char(out, '{');
	for (size_t i = 0; i < n->len; i++) {
		if (i)
			buf_char(out, ',');
		write_string(n->pairs[i].key, strlen(n->pairs[i].key), out);
		buf_char(out, ':');
		doc_json_write(n->pairs[i].val, out);
	}
	buf_char(out, '}');
}

void doc_json_write(const struct doc_node *n, struct buf *out)
{
	if (!n)
		buf_str(out, "null");
	else if (n->kind == DOC_SEQ)
		write_list(n, out);
	else if (n->kind == DOC_MAP)
		write_map(n, out);
	else
		write_scalar(n, out);
}
