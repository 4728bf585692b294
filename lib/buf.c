/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Growing bytes or text with a hard limit and a failure that sticks.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/buf.h"

/* The first allocation; most of our texts are lines. */
#define BUF_FIRST 64

static size_t limit_of(const struct buf *b)
{
	return b->limit ? b->limit : BUF_LIMIT;
}

/* Make room for `more` bytes and the NUL; false and a sticking failure when that cannot be. */
static bool reserve(struct buf *b, size_t more)
{
	size_t limit = limit_of(b), need, size;
	char *data;

	if (b->failed)
		return false;
	if (more > limit || b->len > limit - more) {
		b->failed = E2BIG;
		return false;
	}
	need = b->len + more + 1;
	if (need <= b->size)
		return true;
	size = b->size ? b->size : BUF_FIRST;
	while (size < need)
		size = size <= limit / 2 ? 2 * size : need;
	data = realloc(b->data, size);
	if (!data) {
		b->failed = ENOMEM;
		return false;
	}
	b->data = data;
	b->size = size;
	return true;
}

void buf_add(struct buf *b, const void *data, size_t len)
{
	if (!reserve(b, len))
		return;
	if (len > 0)
		memcpy(b->data + b->len, data, len);
	b->len += len;
	b->data[b->len] = '\0';
}

void buf_str(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void buf_char(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void buf_fmt(struct buf *b, const char *fmt, ...)
{
	va_list ap, again;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	if (n < 0) {
		b->failed = b->failed ? b->failed : E2BIG;
	} else if (reserve(b, (size_t)n)) {
		(void)vsnprintf(b->data + b->len, (size_t)n + 1, fmt, again);
		b->len += (size_t)n;
	}
	va_end(again);
	va_end(ap);
}

/* Length of the well-formed UTF-8 sequence at s, 0 when there is none (Unicode, table 3-7). */
static size_t utf8_len(const unsigned char *s)
{
	static const struct {
		unsigned char first, last; /* range of the first byte */
		unsigned char low, high;   /* range of the second byte */
		unsigned char len;
	} rows[] = {
		{ 0x01, 0x7f, 0x00, 0x00, 1 }, { 0xc2, 0xdf, 0x80, 0xbf, 2 },
		{ 0xe0, 0xe0, 0xa0, 0xbf, 3 }, { 0xe1, 0xec, 0x80, 0xbf, 3 },
		{ 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 },
		{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};
	size_t row = 0;

	while (row < ARRAY_LEN(rows) && (s[0] < rows[row].first || s[0] > rows[row].last))
		row++;
	if (row == ARRAY_LEN(rows))
		return 0;
	if (rows[row].len > 1 && (s[1] < rows[row].low || s[1] > rows[row].high))
		return 0;
	for (size_t i = 2; i < rows[row].len; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return rows[row].len;
}

size_t buf_json_unit(const char **s, char out[BUF_JSON_UNIT])
{
	static const char named[] = "\"\"\\\\\bb\ff\nn\rr\tt";
	const unsigned char *p = (const unsigned char *)*s;
	size_t len = utf8_len(p);

	if (p[0] == '\0')
		return 0;
	*s += len ? len : 1;
	if (len == 0) {
		memcpy(out, "\xef\xbf\xbd", 3);
		return 3;
	}
	for (size_t i = 0; i + 1 < sizeof(named); i += 2) {
		if (p[0] == (unsigned char)named[i]) {
			out[0] = '\\';
			out[1] = named[i + 1];
			return 2;
		}
	}
	if (p[0] < 0x20 || p[0] == 0x7f)
		return (size_t)snprintf(out, BUF_JSON_UNIT, "\\u%04x", (unsigned)p[0]);
	memcpy(out, p, len);
	return len;
}

void buf_json(struct buf *b, const char *s)
{
	char unit[BUF_JSON_UNIT];
	size_t len;

	while ((len = buf_json_unit(&s, unit)) > 0)
		buf_add(b, unit, len);
}

void buf_reset(struct buf *b)
{
	b->len = 0;
	b->failed = 0;
	if (b->data)
		b->data[0] = '\0';
}

const char *buf_text(const struct buf *b)
{
	return b->data ? b->data : "";
}

int buf_check(const struct buf *b, struct error *err)
{
	if (b->failed == E2BIG)
		return error_set(err, E2BIG, "more than %zu bytes", limit_of(b));
	if (b->failed)
		return error_sys(err, b->failed, "%zu bytes", b->len);
	return 0;
}

char *buf_take(struct buf *b)
{
	if (!b->data)
		(void)reserve(b, 0);
	if (b->failed)
		return NULL;
	b->data[b->len] = '\0';
	b->len = 0;
	b->size = 0;
	return TAKE_PTR(b->data);
}

void buf_done(struct buf *b)
{
	free(b->data);
	b->data = NULL;
	b->len = 0;
	b->size = 0;
	b->failed = 0;
}
