/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Takes user-data apart. Each container gives pieces, each piece is looked at in the same way,
 * however deep it came from.
 */
#include "agent/userdata/unpack.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "agent/userdata/form.h"
#include "agent/userdata/jinja.h"
#include "agent/userdata/piece.h"
#include "agent/userdata/text.h"
#include "lib/doc/decode.h"

static const char *const type_names[UNPACK_N_TYPES] = {
	[UNPACK_CONFIG] = "cloud-config", [UNPACK_PATCH] = "cloud-config",
	[UNPACK_COMPOSE] = "compose",	  [UNPACK_SCRIPT] = "script",
	[UNPACK_BOOTHOOK] = "boothook",	  [UNPACK_IGNORED] = "ignored",
};

const char *unpack_type_name(enum unpack_type type)
{
	return type_names[type];
}

/* --- leaves --- */

/* A file name without what could be a path, an option or a control sequence. */
static void copy_name(char to[72], const char *name)
{
	size_t n = 0;

	for (const char *s = name; *s; s++)
		if (*s == '/' || *s == '\\')
			name = s + 1;
	name += strspn(name, ".-");
	for (; *name && n < 64; name++)
		to[n++] = isalnum((unsigned char)*name) || strchr("._-", *name) ? *name : '_';
	to[n] = '\0';
}

static struct unpack_part *add(struct unpack *u, const struct piece *pc, enum unpack_type type)
{
	struct unpack_part *part;

	if (piece_is_full(u, pc))
		return NULL;
	part = &u->parts->list[u->parts->n++];
	*part = (struct unpack_part){ .type = type,
				      .source = pc->source,
				      .place = pc->place,
				      .merge = pc->merge,
				      .text = "" };
	if (pc->name)
		copy_name(part->name, pc->name);
	if (!part->name[0])
		(void)snprintf(part->name, sizeof(part->name), "part-%03zu", u->parts->n);
	return part;
}

static void add_text(struct unpack *u, const struct piece *pc, enum unpack_type type,
		     const char *text)
{
	struct unpack_part *part = add(u, pc, type);

	if (part) {
		part->text = text;
		part->len = strlen(text);
	}
}

static void ignore(struct unpack *u, const struct piece *pc, const char *text)
{
	add_text(u, pc, UNPACK_IGNORED, text);
}

/* --- what is a launch index, and is it ours --- */

static bool is_wanted(const struct unpack *u, const char *list)
{
	if (!list || !*list || !u->in->vars || u->in->vars->launch_index < 0)
		return true;
	for (const char *s = list; *s;) {
		char *end;
		long index = strtol(s, &end, 10);

		if (end == s)
			return true;
		if (index == u->in->vars->launch_index)
			return true;
		s = end + strspn(end, ", \t");
	}
	return false;
}

/* --- what is none of the known forms --- */

/* Secrets must not be shown: of the text only its first word, and only when it is a comment. */
static void say_unknown(struct unpack *u, const struct piece *pc, const char *text)
{
	unsigned late = form_late_header(text);
	struct piece at = *pc;
	int word;

	while (isspace((unsigned char)*text))
		at.place.first += *text++ == '\n';
	word = (int)strcspn(text, " \t\n");
	if (word > 40)
		word = 40;
	if (pc->is_part)
		piece_say(u, &at, false,
			  "a part of the type \"%s\" without a known first line: ignored",
			  *pc->type ? pc->type : "text/plain");
	else if (late) {
		at.place.first = pc->place.first + late - 1;
		piece_say(u, &at, true, "#cloud-config must be the first line: move it up");
	} else if (text[0] == '#')
		piece_say(u, &at, true,
			  "\"%.*s\" is no known form of user-data (the first line must be "
			  "#cloud-config, #compose or #!/…)",
			  word, text);
	else
		piece_say(u, &at, true,
			  "the first line must be #cloud-config, #compose or #!/…: nothing was "
			  "applied");
}

/* A file that someone has encoded although nobody asked for it; false when it is none. */
static bool take_base64(struct unpack *u, const struct piece *pc, const char *text)
{
	AUTO_BUF struct buf out = BUF_WITH_LIMIT(piece_room(u));
	struct piece inner = *pc;
	const char *s;

	if (*pc->type || !text_is_base64(text, strlen(text)) ||
	    decode_base64(text, strlen(text), &out) < 0)
		return false;
	s = buf_text(&out);
	/* "abcd" is base64, too: what comes out must be user-data. */
	if (!decode_is_gzip(s, out.len) && !mime_is_message(s, out.len) && !form_by_header(s, NULL))
		return false;
	piece_say(u, pc, false, "this is encoded in base64, which need not be: decoded");
	inner.data = s;
	inner.len = out.len;
	inner.depth++;
	piece_take(u, &inner);
	return true;
}

static void take_unknown(struct unpack *u, const struct piece *pc, const char *text)
{
	if (!text[strspn(text, " \t\r\n\v\f")]) {
		if (pc->is_part)
			ignore(u, pc, text);
		return;
	}
	if (take_base64(u, pc, text))
		return;
	say_unknown(u, pc, text);
	ignore(u, pc, text);
}

/* --- texts --- */

/* What is asked about the machine in documents. */
static void add_document(struct unpack *u, const struct piece *pc, enum unpack_type type,
			 const char *text)
{
	struct doc_origin at = { pc->source, pc->place.first, 1 };

	text = strchr(text, '$') ? vars_substitute(u->in->pool, u->in->vars, at, text) : text;
	if (text)
		add_text(u, pc, type, text);
	else
		piece_say(u, pc, true, "no memory for this part");
}

static void add_script(struct unpack *u, const struct piece *pc, const char *text)
{
	struct unpack_part *part = add(u, pc, UNPACK_SCRIPT);
	size_t blanks = strspn(text, " \t\r\n\v\f");

	if (!part)
		return;
	/* The kernel looks for "#!" in the first two bytes. */
	for (size_t i = 0; i < blanks; i++)
		part->place.first += text[i] == '\n';
	part->text = text + blanks;
	part->len = strlen(part->text);
	if (!strcmp(pc->type, "text/x-shellscript-per-instance"))
		part->when = UNPACK_EACH_INSTANCE;
	else if (!strcmp(pc->type, "text/x-shellscript-per-once"))
		part->when = UNPACK_ONCE;
}

/* "## template: jinja" and the template. */
static void take_jinja(struct unpack *u, const struct piece *pc, const char *at)
{
	AUTO_BUF struct buf out = BUF_WITH_LIMIT(piece_room(u));
	struct piece inner = *pc;
	struct jinja j = { .pool = u->in->pool, .source = pc->source, .first = pc->place.first };
	struct error err = { 0 };
	int word;

	j.vars = u->in->vars ? u->in->vars->names : NULL;
	if (form_by_header(at, NULL) && form_by_header(at, NULL)->form == FORM_JINJA) {
		at = strchr(at, ':') + 1;
		at += strspn(at, " \t");
		word = (int)strcspn(at, " \t\n");
		if (word != 5 || strncasecmp(at, "jinja", 5)) {
			piece_say(u, pc, true, "templates are in jinja, not in \"%.*s\": ignored",
				  word < 40 ? word : 40, at);
			ignore(u, pc, at);
			return;
		}
		at += strcspn(at, "\n");
		j.first += *at == '\n';
		at += *at == '\n';
	}
	if (jinja_render(&j, at, &out, &inner.place, &err) < 0) {
		doc_say_error(u->in->pool, pc->source, &err);
		ignore(u, pc, at);
		return;
	}
	if (!strcmp(pc->type, "text/jinja2"))
		inner.type = "";
	inner.data = buf_text(&out);
	inner.len = out.len;
	inner.depth++;
	piece_take(u, &inner);
}

static void take_refused(struct unpack *u, const struct piece *pc, const char *what,
			 const char *text)
{
	piece_say(u, pc, true, "%s is not supported: ignored", what);
	ignore(u, pc, text);
}

/* The header counts where the type does not tell; a cloud-config may be a special one. */
static const struct form_row *row_of(const struct piece *pc, const char *text, const char **ret_at)
{
	const struct form_row *typed = form_by_type(pc->type);
	const struct form_row *header = form_by_header(text, ret_at);

	if (!header || !form_is_vague(pc->type))
		return typed;
	if (typed && typed->form == FORM_CONFIG && header->form != FORM_JINJA &&
	    header->form != FORM_PATCH && header->form != FORM_ARCHIVE)
		return typed;
	return header;
}

static void take_text(struct unpack *u, const struct piece *pc, const char *text)
{
	const char *at;
	const struct form_row *row = row_of(pc, text, &at);
	struct piece moved = *pc;

	for (const char *s = text; s < at; s++)
		moved.place.first += *s == '\n' && !moved.place.n_lines;
	switch (row ? row->form : FORM_NONE) {
	case FORM_CONFIG:
		add_document(u, pc, UNPACK_CONFIG, text);
		break;
	case FORM_PATCH:
		add_document(u, pc, UNPACK_PATCH, text);
		break;
	case FORM_COMPOSE:
		add_document(u, pc, UNPACK_COMPOSE, text);
		break;
	case FORM_SCRIPT:
		add_script(u, pc, text);
		break;
	case FORM_BOOTHOOK:
		add_text(u, pc, UNPACK_BOOTHOOK, text);
		break;
	case FORM_ARCHIVE:
		piece_archive(u, pc, text);
		break;
	case FORM_INCLUDE:
		piece_include(u, pc, text);
		break;
	case FORM_JINJA:
		take_jinja(u, &moved, at);
		break;
	case FORM_REFUSED:
		take_refused(u, &moved, row->refused, text);
		break;
	case FORM_NONE:
	case FORM_GZIP:
	case FORM_MESSAGE:
		take_unknown(u, pc, text);
		break;
	}
}

/* Bytes to a text of the pool; NULL when they are none, which is said. */
static const char *clean(struct unpack *u, const struct piece *pc)
{
	AUTO_BUF struct buf utf8 = BUF_WITH_LIMIT(UNPACK_BYTES_MAX);
	const char *data = pc->data, *nul;
	size_t len = pc->len;
	char *copy;

	if (text_has_bom(data, len)) {
		/* Harmless, and worth a line only where it happens. */
		if (u->in->vars)
			piece_say(u, pc, false, "a byte order mark before the text: taken away");
		data += 3;
		len -= 3;
	}
	if (pc->charset && *pc->charset && !text_is_utf8(data, len)) {
		if (text_to_utf8(pc->charset, data, len, &utf8) < 0) {
			piece_say(u, pc, true,
				  "the charset \"%.30s\" is not known: save it as UTF-8",
				  pc->charset);
			return NULL;
		}
		data = buf_text(&utf8);
		len = utf8.len;
	}
	nul = len ? memchr(data, '\0', len) : NULL;
	if (nul || text_is_utf16(data, len)) {
		if (text_is_utf16(data, len))
			piece_say(u, pc, !pc->is_part, "this is UTF-16: save it as UTF-8");
		else
			piece_say(u, pc, true, "a NUL byte at offset %zu: this is no text",
				  (size_t)(nul - data));
		return NULL;
	}
	copy = doc_alloc(u->in->pool, len + 1);
	if (!copy) {
		piece_say(u, pc, true, "no memory for this part");
		return NULL;
	}
	if (len)
		memcpy(copy, data, len);
	copy[text_drop_returns(copy, len)] = '\0';
	return copy;
}

/* A part that is neither text nor a known container. */
static bool is_foreign(const struct piece *pc)
{
	return *pc->type && strncmp(pc->type, "text/", 5) != 0 && !form_is_vague(pc->type);
}

static void take(struct unpack *u, const struct piece *pc)
{
	const struct form_row *row = form_by_type(pc->type);
	const char *text;

	if (pc->depth > UNPACK_DEPTH_MAX) {
		piece_say(u, pc, true, "packed more than %d times: left out", UNPACK_DEPTH_MAX);
		return;
	}
	if (!is_wanted(u, pc->launch_index)) {
		ignore(u, pc, "");
		return;
	}
	if ((row && row->form == FORM_MESSAGE) ||
	    (!*pc->type && mime_is_message(pc->data, pc->len))) {
		piece_message(u, pc);
		return;
	}
	if ((row && row->form == FORM_GZIP) || decode_is_gzip(pc->data, pc->len)) {
		piece_gzip(u, pc);
		return;
	}
	if (is_foreign(pc)) {
		piece_say(u, pc, false, "a part of the type \"%s\" is no configuration: ignored",
			  pc->type);
		ignore(u, pc, "");
		return;
	}
	text = clean(u, pc);
	if (text)
		take_text(u, pc, text);
	else
		ignore(u, pc, "");
}

void unpack_all(const struct unpack_input *in, struct unpack_parts *ret)
{
	struct unpack u = { .in = in, .parts = ret, .take = take, .bytes = in->len };
	struct piece whole = { .data = in->data,
			       .len = in->len,
			       .source = in->source,
			       .base = in->source,
			       .place = { .first = 1 },
			       .type = "" };

	*ret = (struct unpack_parts){ 0 };
	if (!in->len)
		return;
	ret->list = doc_alloc(in->pool, UNPACK_PARTS_MAX * sizeof(*ret->list));
	if (ret->list)
		take(&u, &whole);
	else
		piece_say(&u, &whole, true, "no memory for its parts");
}
