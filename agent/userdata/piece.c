/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The containers of user-data: gzip, MIME messages, archives, lists of URLs.
 */
#include "agent/userdata/piece.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "agent/userdata/form.h"
#include "lib/doc/decode.h"
#include "lib/pack/pack.h"

/* So much of what says that it is too large is unpacked. */
#define PROBE_BYTES (1u << 20)

size_t piece_room(const struct unpack *u)
{
	/* A limit of 0 would mean none. */
	return u->bytes < UNPACK_BYTES_MAX ? UNPACK_BYTES_MAX - u->bytes : 1;
}

void piece_take(struct unpack *u, const struct piece *pc)
{
	u->bytes += pc->len;
	u->take(u, pc);
}

void piece_say(struct unpack *u, const struct piece *pc, bool is_error, const char *fmt, ...)
{
	struct doc_origin at = { pc->source, pc->place.first, 1 };
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	doc_say(u->in->pool, is_error, at, "%s", text);
}

bool piece_is_full(struct unpack *u, const struct piece *pc)
{
	if (u->parts->n < UNPACK_PARTS_MAX)
		return false;
	piece_say(u, pc, true, "there are more than %d parts: the rest is left out",
		  UNPACK_PARTS_MAX);
	return true;
}

/* The source of what was encoded: the next part will have this number. */
static const char *part_source(struct unpack *u, const struct piece *pc)
{
	AUTO_BUF struct buf b = { 0 };
	const char *source;

	buf_fmt(&b, "%s:part-%03zu", pc->base, u->parts->n + 1);
	source = doc_strdup(u->in->pool, buf_text(&b), b.len);
	return source ? source : pc->source;
}

static void say_too_much(struct unpack *u, const struct piece *pc)
{
	piece_say(u, pc, true, "more than %u MiB when all is unpacked: left out",
		  UNPACK_BYTES_MAX >> 20);
}

/* --- gzip --- */

static bool is_gzip_type(const char *type)
{
	return strncmp(type, "text/", 5) != 0;
}

/* What the last member says its size is; the whole is no smaller. */
static bool says_too_much(const struct piece *pc, size_t room)
{
	const unsigned char *end = (const unsigned char *)pc->data + pc->len;

	if (pc->len < 18)
		return false;
	return ((size_t)end[-1] << 24 | (size_t)end[-2] << 16 | (size_t)end[-3] << 8 | end[-4]) >
	       room;
}

void piece_gzip(struct unpack *u, const struct piece *pc)
{
	AUTO_BUF struct buf out = BUF_WITH_LIMIT(piece_room(u));
	struct piece inner = *pc;
	int r = -EBADMSG;

	/* Data that are cut off say anything: enough is looked at to know them, and no more. */
	if (says_too_much(pc, out.limit) && out.limit > PROBE_BYTES)
		out.limit = PROBE_BYTES;
	if (decode_is_gzip(pc->data, pc->len))
		r = pack_gunzip(pc->data, pc->len, &out);
	if (r == -E2BIG) {
		say_too_much(u, pc);
		return;
	}
	if (r < 0) {
		piece_say(u, pc, true, "the gzip data is damaged or cut off");
		return;
	}
	if (is_gzip_type(pc->type))
		inner.type = "";
	if (pc->is_part)
		inner.source = part_source(u, pc);
	inner.place = (struct doc_place){ .first = 1 };
	inner.data = buf_text(&out);
	inner.len = out.len;
	inner.depth++;
	piece_take(u, &inner);
}

/* --- MIME --- */

static const char *text_or_null(const char *s)
{
	return *s ? s : NULL;
}

static void take_part(struct unpack *u, const struct piece *outer, const struct mime_head *head,
		      struct mime_text body, bool is_part);

static void take_multipart(struct unpack *u, const struct piece *pc, const struct mime_head *head,
			   struct mime_text rest)
{
	struct mime_text part;
	bool closed = true;

	if (!*head->boundary || !mime_is_identity(head->encoding)) {
		piece_say(u, pc, true, "a multipart message %s: left out",
			  *head->boundary ? "that is encoded as a whole" : "without a boundary");
		return;
	}
	if (pc->depth > UNPACK_DEPTH_MAX) {
		piece_say(u, pc, true, "packed more than %d times: left out", UNPACK_DEPTH_MAX);
		return;
	}
	while (mime_next(head->boundary, &rest, &part, &closed) && !piece_is_full(u, pc)) {
		struct mime_head inner;
		struct mime_text body;

		mime_read(part, &inner, &body);
		take_part(u, pc, &inner, body, true);
	}
	if (!closed)
		piece_say(u, pc, false, "the last part is not closed by --%s--: cut off?",
			  head->boundary);
}

/* The body of a part without its transfer encoding, in *out; false when that cannot be. */
static bool decode_part(struct unpack *u, const struct piece *pc, const char *encoding,
			struct buf *out)
{
	int r = mime_decode(encoding, pc->data, pc->len, out);

	if (r == -E2BIG)
		say_too_much(u, pc);
	else if (r == -ENOTSUP)
		piece_say(u, pc, true, "the transfer encoding \"%s\" is not known: left out",
			  encoding);
	else if (r < 0)
		piece_say(u, pc, true, "the %s data is damaged: left out", encoding);
	return r == 0;
}

/* A message or part whose headers were read. */
static void take_part(struct unpack *u, const struct piece *outer, const struct mime_head *head,
		      struct mime_text body, bool is_part)
{
	AUTO_BUF struct buf out = BUF_WITH_LIMIT(piece_room(u));
	struct piece pc = { .data = body.at,
			    .len = body.len,
			    .source = outer->source,
			    .base = outer->base,
			    .place = { .first = body.line },
			    .charset = head->charset,
			    .name = text_or_null(head->name),
			    .launch_index = text_or_null(head->launch_index),
			    .depth = outer->depth + 1,
			    .is_part = is_part };

	pc.type = *head->type ? head->type : "text/plain";
	if (*head->merge)
		pc.merge = doc_strdup(u->in->pool, head->merge, strlen(head->merge));
	if (!strncmp(head->type, "multipart/", 10)) {
		take_multipart(u, &pc, head, body);
		return;
	}
	if (mime_is_identity(head->encoding)) {
		u->take(u, &pc);
		return;
	}
	pc.source = part_source(u, outer);
	pc.place.first = 1;
	if (!decode_part(u, &pc, head->encoding, &out))
		return;
	pc.data = buf_text(&out);
	pc.len = out.len;
	piece_take(u, &pc);
}

/* Blank lines before the headers of a whole file are none. */
static struct mime_text skip_blank_lines(struct mime_text t)
{
	while (t.len && isspace((unsigned char)*t.at)) {
		t.line += *t.at == '\n';
		t.at++;
		t.len--;
	}
	return t;
}

/* The piece is a message with headers of its own. */
void piece_message(struct unpack *u, const struct piece *pc)
{
	struct mime_text text = { pc->data, pc->len, pc->place.first }, body;
	struct mime_head head;

	mime_read(skip_blank_lines(text), &head, &body);
	take_part(u, pc, &head, body, pc->is_part);
}

/* --- archives --- */

static const char *header_of(const struct doc_node *item, const char *name)
{
	for (size_t i = 0; item->kind == DOC_MAP && i < item->len; i++)
		if (!strcasecmp(item->pairs[i].key, name) && doc_is_scalar(item->pairs[i].val) &&
		    item->pairs[i].val->kind != DOC_NULL)
			return item->pairs[i].val->text;
	return NULL;
}

/* A text, or {type, content, filename, launch-index, Merge-Type}. */
static void take_item(struct unpack *u, const struct piece *outer, const struct doc_node *item)
{
	const struct doc_node *content = item->kind == DOC_MAP ? doc_key(item, "content") : item;
	const char *type = header_of(item, "type");
	struct piece pc = { .source = part_source(u, outer),
			    .base = outer->base,
			    .place = { .first = 1 },
			    .name = header_of(item, "filename"),
			    .launch_index = header_of(item, "launch-index"),
			    .depth = outer->depth + 1,
			    .is_part = true };

	if (!doc_is_scalar(content) || content->kind == DOC_NULL) {
		doc_say(u->in->pool, true, item->origin,
			"an item of an archive is a text, or a map with the text as \"content\"");
		return;
	}
	pc.merge = header_of(item, "merge-type");
	if (!pc.merge)
		pc.merge = header_of(item, "x-merge-type");
	pc.type = type ? type : "text/cloud-config";
	/* Without a type its header counts, whatever it is. */
	if (!type && form_by_header(content->text, NULL))
		pc.type = "text/plain";
	pc.data = content->text;
	pc.len = content->len;
	piece_take(u, &pc);
}

void piece_archive(struct unpack *u, const struct piece *pc, const char *text)
{
	const struct doc_node *list = NULL;
	struct error err = { 0 };

	if (doc_yaml_at(u->in->pool, pc->source, pc->place, text, strlen(text), &list, &err) < 0) {
		doc_say_error(u->in->pool, pc->source, &err);
		return;
	}
	if (list->kind != DOC_SEQ) {
		doc_say(u->in->pool, true, list->origin, "an archive is a list of parts");
		return;
	}
	for (size_t i = 0; i < list->len && !piece_is_full(u, pc); i++)
		take_item(u, pc, list->items[i]);
}

/* --- includes --- */

static void take_url(struct unpack *u, const struct piece *outer, unsigned line, const char *url,
		     bool once)
{
	AUTO_BUF struct buf body = BUF_WITH_LIMIT(piece_room(u));
	struct doc_origin at = { outer->source, line, 1 };
	const char *label = include_label(u->in->pool, url);
	struct piece pc = { .source = label,
			    .base = label,
			    .place = { .first = 1 },
			    .type = "",
			    .depth = outer->depth + 1 };
	struct error err = { 0 };

	if (!u->in->include) {
		doc_say(u->in->pool, false, at, "%s is not fetched here", label);
		return;
	}
	if (include_fetch(u->in->include, u->in->pool, at, url, once, &body, &err) < 0) {
		doc_say(u->in->pool, true, at, "%s", err.msg);
		return;
	}
	pc.data = buf_text(&body);
	pc.len = body.len;
	piece_take(u, &pc);
}

/* "#include" and "#include-once" may have a URL behind them, and hold for what follows. */
static const char *skip_marker(const char *line, bool *once)
{
	if (!strncasecmp(line, "#include-once", 13)) {
		*once = true;
		return line + 13;
	}
	if (!strncasecmp(line, "#include", 8)) {
		*once = false;
		return line + 8;
	}
	return line;
}

static void take_line(struct unpack *u, const struct piece *pc, unsigned line, char *s, bool *once)
{
	size_t len;
	const char *url = skip_marker(s, once);

	url += strspn(url, " \t\r");
	len = strlen(url);
	while (len && isspace((unsigned char)url[len - 1]))
		len--;
	if (!len || *url == '#')
		return;
	s[(size_t)(url - s) + len] = '\0';
	take_url(u, pc, line, url, *once);
}

void piece_include(struct unpack *u, const struct piece *pc, const char *text)
{
	bool once = !strcmp(pc->type, "text/x-include-once-url");
	unsigned line = pc->place.first;

	for (; !piece_is_full(u, pc); line++) {
		size_t len = strcspn(text, "\n");
		AUTO_FREE char *copy = strndup(text, len);

		if (copy)
			take_line(u, pc, line, copy, &once);
		if (!text[len])
			return;
		text += len + 1;
	}
}
