/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads MIME as mailers and scripts write it: lenient about white space and missing ends.
 */
#include "agent/userdata/mime.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "lib/doc/decode.h"

/* An unfolded header that is longer is cut. */
#define HEADER_MAX 4096
/* Headers are looked for so far into a text. */
#define LOOK_MAX 4096

/* --- lines --- */

/* The line at the start of *rest, without its end; *rest moves behind it. */
static struct mime_text take_line(struct mime_text *rest)
{
	const char *nl = rest->len ? memchr(rest->at, '\n', rest->len) : NULL;
	struct mime_text line = *rest;
	size_t used = nl ? (size_t)(nl + 1 - rest->at) : rest->len;

	line.len = nl ? used - 1 : used;
	if (line.len && line.at[line.len - 1] == '\r')
		line.len--;
	rest->at += used;
	rest->len -= used;
	rest->line += nl != NULL;
	return line;
}

static bool is_blank(const struct mime_text *line)
{
	for (size_t i = 0; i < line->len; i++)
		if (line->at[i] != ' ' && line->at[i] != '\t')
			return false;
	return true;
}

/* The length of a header's name, 0 when the line is none. */
static size_t name_length(const struct mime_text *line)
{
	for (size_t i = 0; i < line->len; i++) {
		if (line->at[i] == ':')
			return i;
		if (!isalnum((unsigned char)line->at[i]) && !strchr("-_", line->at[i]))
			return 0;
	}
	return 0;
}

static bool is_named(const struct mime_text *line, const char *name)
{
	size_t len = name_length(line);

	return len == strlen(name) && !strncasecmp(line->at, name, len);
}

/* mbox files begin with "From someone date". */
static bool is_from_line(const struct mime_text *line)
{
	return line->len > 5 && !strncmp(line->at, "From ", 5);
}

static void skip_blank_lines(struct mime_text *rest)
{
	while (rest->len) {
		struct mime_text after = *rest, line = take_line(&after);

		if (!is_blank(&line))
			return;
		*rest = after;
	}
}

bool mime_is_message(const char *text, size_t len)
{
	struct mime_text rest = { text, len < LOOK_MAX ? len : LOOK_MAX, 1 }, line;
	bool first = true;

	skip_blank_lines(&rest);
	while (rest.len) {
		line = take_line(&rest);
		if (is_named(&line, "mime-version") || is_named(&line, "content-type"))
			return true;
		if (!name_length(&line) && !(first && is_from_line(&line)) &&
		    !(line.len && strchr(" \t", *line.at) && !first && !is_blank(&line)))
			return false;
		first = false;
	}
	return false;
}

/* --- headers --- */

static void copy_text(char *to, size_t size, const char *from, size_t len)
{
	if (len > size - 1)
		len = size - 1;
	memcpy(to, from, len);
	to[len] = '\0';
}

/* Up to ";" or the end, blanks cut, in lower case. */
static void copy_word(char *to, size_t size, const char *from)
{
	size_t len = strcspn(from, ";( \t");

	copy_text(to, size, from, len);
	for (; *to; to++)
		*to = (char)tolower((unsigned char)*to);
}

static int hex_digit(char c)
{
	if (isdigit((unsigned char)c))
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "utf-8''a%20b" (RFC 2231), in place. */
static void decode_percent(char *text)
{
	char *from = strrchr(text, '\''), *to = text;

	from = from ? from + 1 : text;
	while (*from) {
		int high = *from == '%' ? hex_digit(from[1]) : -1;
		int low = high >= 0 ? hex_digit(from[2]) : -1;

		*to++ = low >= 0 ? (char)(high << 4 | low) : *from;
		from += low >= 0 ? 3 : 1;
	}
	*to = '\0';
}

/* A quoted or plain value at `s`; returns what is behind it. */
static const char *copy_value(char *to, size_t size, const char *s)
{
	size_t n = 0, len;

	if (*s != '"') {
		len = strcspn(s, "; \t");
		copy_text(to, size, s, len);
		return s + len;
	}
	for (s++; *s && *s != '"'; s++) {
		if (*s == '\\' && s[1])
			s++;
		if (n < size - 1)
			to[n++] = *s;
	}
	to[n] = '\0';
	return *s ? s + 1 : s;
}

/* The parameter `name` of "value; name=x; other=y" into `to`, which stays as it is without one. */
static void copy_parameter(char *to, size_t size, const char *header, const char *name)
{
	char value[HEADER_MAX];
	size_t want = strlen(name);

	for (const char *s = strchr(header, ';'); s; s = strchr(s, ';')) {
		size_t len;
		bool extended;

		s += 1 + strspn(s + 1, " \t;");
		len = strcspn(s, "= \t;");
		extended = len == want + 1 && s[want] == '*';
		if ((len != want && !extended) || strncasecmp(s, name, want)) {
			/* Over its value: a quoted one may hold ";". */
			s += len + strspn(s + len, " \t");
			if (*s == '=')
				s = copy_value(value, sizeof(value), s + 1 + strspn(s + 1, " \t"));
			continue;
		}
		s += len + strspn(s + len, " \t");
		if (*s != '=')
			continue;
		s = copy_value(value, sizeof(value), s + 1 + strspn(s + 1, " \t"));
		if (extended)
			decode_percent(value);
		copy_text(to, size, value, strlen(value));
		return;
	}
}

static void lower(char *s)
{
	for (; *s; s++)
		*s = (char)tolower((unsigned char)*s);
}

/* One unfolded header: "Name: value". */
static void take_header(const char *header, struct mime_head *ret)
{
	const struct mime_text line = { header, strlen(header), 0 };
	const char *value = header + name_length(&line) + 1;

	value += strspn(value, " \t");
	if (is_named(&line, "content-type")) {
		copy_word(ret->type, sizeof(ret->type), value);
		copy_parameter(ret->boundary, sizeof(ret->boundary), value, "boundary");
		copy_parameter(ret->charset, sizeof(ret->charset), value, "charset");
		lower(ret->charset);
		if (!ret->name[0])
			copy_parameter(ret->name, sizeof(ret->name), value, "name");
	} else if (is_named(&line, "content-transfer-encoding")) {
		copy_word(ret->encoding, sizeof(ret->encoding), value);
	} else if (is_named(&line, "content-disposition")) {
		copy_parameter(ret->name, sizeof(ret->name), value, "filename");
	} else if (is_named(&line, "merge-type") ||
		   (is_named(&line, "x-merge-type") && !ret->merge[0])) {
		copy_text(ret->merge, sizeof(ret->merge), value, strlen(value));
	} else if (is_named(&line, "launch-index")) {
		copy_text(ret->launch_index, sizeof(ret->launch_index), value, strlen(value));
	}
}

void mime_read(struct mime_text message, struct mime_head *ret, struct mime_text *ret_body)
{
	AUTO_BUF struct buf header = BUF_WITH_LIMIT(HEADER_MAX);
	struct mime_text rest = message, before, line;

	*ret = (struct mime_head){ 0 };
	for (;;) {
		before = rest;
		if (!rest.len)
			break;
		line = take_line(&rest);
		if (is_blank(&line))
			break;
		if (strchr(" \t", *line.at)) {
			buf_char(&header, ' ');
			buf_add(&header, line.at, line.len);
			continue;
		}
		if (header.len)
			take_header(buf_text(&header), ret);
		buf_reset(&header);
		if (name_length(&line)) {
			buf_add(&header, line.at, line.len);
		} else if (!is_from_line(&line)) {
			/* No header: the body begins without a blank line. */
			rest = before;
			break;
		}
	}
	if (header.len)
		take_header(buf_text(&header), ret);
	*ret_body = rest;
}

/* --- multipart --- */

/* 1 for "--boundary", 2 for "--boundary--", 0 for another line. */
static int is_delimiter(const struct mime_text *line, const char *boundary)
{
	size_t len = strlen(boundary);
	struct mime_text tail;
	int closing;

	if (line->len < len + 2 || strncmp(line->at, "--", 2) ||
	    strncmp(line->at + 2, boundary, len))
		return 0;
	tail = (struct mime_text){ line->at + 2 + len, line->len - 2 - len, 0 };
	closing = tail.len >= 2 && !strncmp(tail.at, "--", 2);
	if (closing) {
		tail.at += 2;
		tail.len -= 2;
	}
	return is_blank(&tail) ? 1 + closing : 0;
}

/* Up to the next delimiter, which *rest is left before. */
static struct mime_text take_part(const char *boundary, struct mime_text *rest, bool *ret_found)
{
	struct mime_text part = *rest;

	*ret_found = false;
	while (rest->len) {
		struct mime_text before = *rest, line = take_line(rest);

		if (!is_delimiter(&line, boundary))
			continue;
		/* The end of the line before it belongs to the delimiter. */
		part.len = (size_t)(before.at - part.at);
		part.len -= part.len && part.at[part.len - 1] == '\n';
		part.len -= part.len && part.at[part.len - 1] == '\r';
		*rest = before;
		*ret_found = true;
		return part;
	}
	return part;
}

bool mime_next(const char *boundary, struct mime_text *rest, struct mime_text *ret,
	       bool *ret_closed)
{
	struct mime_text line;
	bool found;

	/* What stands before the first delimiter is for readers without MIME. */
	(void)take_part(boundary, rest, &found);
	if (!found)
		return false;
	line = take_line(rest);
	if (is_delimiter(&line, boundary) == 2)
		return false;
	*ret = take_part(boundary, rest, ret_closed);
	return true;
}

/* --- transfer encodings --- */

bool mime_is_identity(const char *encoding)
{
	return !*encoding || !strcmp(encoding, "7bit") || !strcmp(encoding, "8bit") ||
	       !strcmp(encoding, "binary");
}

static int decode_quoted_printable(const char *text, size_t len, struct buf *out)
{
	struct mime_text rest = { text, len, 0 };

	while (rest.len) {
		struct mime_text line = take_line(&rest);
		bool ended = line.at + line.len < text + len, soft = false;

		while (line.len && strchr(" \t", line.at[line.len - 1]))
			line.len--;
		for (size_t i = 0; i < line.len; i++) {
			int high = -1, low = -1;

			if (line.at[i] == '=' && i + 2 < line.len) {
				high = hex_digit(line.at[i + 1]);
				low = hex_digit(line.at[i + 2]);
			}
			soft = line.at[i] == '=' && i + 1 == line.len;
			if (high >= 0 && low >= 0) {
				buf_char(out, (char)(high << 4 | low));
				i += 2;
			} else if (!soft) {
				buf_char(out, line.at[i]);
			}
		}
		if (ended && !soft)
			buf_char(out, '\n');
	}
	return out->failed ? -out->failed : 0;
}

static unsigned uu_value(const struct mime_text *line, size_t i)
{
	return i < line->len ? ((unsigned)(unsigned char)line->at[i] - 32) & 63 : 0;
}

static void decode_uu_line(const struct mime_text *line, struct buf *out)
{
	size_t n = uu_value(line, 0);

	for (size_t i = 1, done = 0; done < n; i += 4) {
		unsigned bits = uu_value(line, i) << 18 | uu_value(line, i + 1) << 12 |
				uu_value(line, i + 2) << 6 | uu_value(line, i + 3);

		for (int shift = 16; shift >= 0 && done < n; shift -= 8, done++)
			buf_char(out, (char)(bits >> shift & 255));
	}
}

static int decode_uu(const char *text, size_t len, struct buf *out)
{
	struct mime_text rest = { text, len, 0 };
	bool begun = false;

	while (rest.len) {
		struct mime_text line = take_line(&rest);

		if (begun && line.len == 3 && !strncmp(line.at, "end", 3))
			return out->failed ? -out->failed : 0;
		if (begun && line.len)
			decode_uu_line(&line, out);
		begun = begun || (line.len > 6 && !strncmp(line.at, "begin ", 6));
	}
	return -EBADMSG;
}

int mime_decode(const char *encoding, const char *text, size_t len, struct buf *out)
{
	if (mime_is_identity(encoding)) {
		buf_add(out, text, len);
		return out->failed ? -out->failed : 0;
	}
	if (!strcmp(encoding, "base64"))
		return decode_base64(text, len, out);
	if (!strcmp(encoding, "quoted-printable"))
		return decode_quoted_printable(text, len, out);
	if (!strcmp(encoding, "x-uuencode") || !strcmp(encoding, "uuencode") ||
	    !strcmp(encoding, "uue") || !strcmp(encoding, "x-uue"))
		return decode_uu(text, len, out);
	return -ENOTSUP;
}
