/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Charsets and line ends.
 */
#include "agent/userdata/text.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

/* What windows-1252 has where ISO 8859-1 has control characters. */
static const uint16_t windows_1252[32] = {
	0x20ac, 0x81,	0x201a, 0x192,	0x201e, 0x2026, 0x2020, 0x2021, 0x2c6,	0x2030, 0x160,
	0x2039, 0x152,	0x8d,	0x17d,	0x8f,	0x90,	0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
	0x2013, 0x2014, 0x2dc,	0x2122, 0x161,	0x203a, 0x153,	0x9d,	0x17e,	0x178,
};

enum charset { CHARSET_UTF8, CHARSET_LATIN1, CHARSET_WINDOWS, CHARSET_LATIN9 };

static const struct {
	const char *name;
	enum charset charset;
} charsets[] = {
	{ "", CHARSET_UTF8 },
	{ "utf-8", CHARSET_UTF8 },
	{ "utf8", CHARSET_UTF8 },
	{ "us-ascii", CHARSET_UTF8 },
	{ "ascii", CHARSET_UTF8 },
	{ "iso-8859-1", CHARSET_LATIN1 },
	{ "latin1", CHARSET_LATIN1 },
	{ "iso-8859-15", CHARSET_LATIN9 },
	{ "windows-1252", CHARSET_WINDOWS },
	{ "cp1252", CHARSET_WINDOWS },
};

/* How many bytes follow the first one of a sequence; -1 when it begins none. */
static int followers(unsigned char c)
{
	if (c < 0x80)
		return 0;
	if (c >= 0xc2 && c <= 0xdf)
		return 1;
	if (c >= 0xe0 && c <= 0xef)
		return 2;
	return c >= 0xf0 && c <= 0xf4 ? 3 : -1;
}

/* Second bytes that would make a long form, a surrogate, or more than U+10FFFF. */
static bool is_bad_pair(unsigned char a, unsigned char b)
{
	return (a == 0xe0 && b < 0xa0) || (a == 0xed && b > 0x9f) || (a == 0xf0 && b < 0x90) ||
	       (a == 0xf4 && b > 0x8f);
}

bool text_is_utf8(const char *text, size_t len)
{
	const unsigned char *s = (const unsigned char *)text, *end = s + len;

	while (s < end) {
		int n = followers(*s);

		if (n < 0 || end - s <= n || (n > 0 && is_bad_pair(s[0], s[1])))
			return false;
		for (int i = 1; i <= n; i++)
			if ((s[i] & 0xc0) != 0x80)
				return false;
		s += n + 1;
	}
	return true;
}

bool text_has_bom(const char *text, size_t len)
{
	return len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3);
}

bool text_is_utf16(const char *text, size_t len)
{
	return len >= 2 && (!memcmp(text, "\xff\xfe", 2) || !memcmp(text, "\xfe\xff", 2));
}

static void put(unsigned c, struct buf *out)
{
	if (c < 0x80) {
		buf_char(out, (char)c);
	} else if (c < 0x800) {
		buf_char(out, (char)(0xc0 | c >> 6));
		buf_char(out, (char)(0x80 | (c & 63)));
	} else {
		buf_char(out, (char)(0xe0 | c >> 12));
		buf_char(out, (char)(0x80 | (c >> 6 & 63)));
		buf_char(out, (char)(0x80 | (c & 63)));
	}
}

/* ISO 8859-15 differs from -1 in eight places. */
static unsigned latin9(unsigned char c)
{
	static const struct {
		unsigned char from;
		uint16_t to;
	} rows[] = { { 0xa4, 0x20ac }, { 0xa6, 0x160 }, { 0xa8, 0x161 }, { 0xb4, 0x17d },
		     { 0xb8, 0x17e },  { 0xbc, 0x152 }, { 0xbd, 0x153 }, { 0xbe, 0x178 } };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].from == c)
			return rows[i].to;
	return c;
}

static unsigned code_of(enum charset charset, unsigned char c)
{
	if (charset == CHARSET_WINDOWS && c >= 0x80 && c < 0xa0)
		return windows_1252[c - 0x80];
	return charset == CHARSET_LATIN9 ? latin9(c) : c;
}

int text_to_utf8(const char *charset, const char *text, size_t len, struct buf *out)
{
	for (size_t i = 0; i < ARRAY_LEN(charsets); i++) {
		if (strcmp(charset, charsets[i].name))
			continue;
		if (charsets[i].charset == CHARSET_UTF8)
			buf_add(out, text, len);
		for (size_t k = 0; charsets[i].charset != CHARSET_UTF8 && k < len; k++)
			put(code_of(charsets[i].charset, (unsigned char)text[k]), out);
		return out->failed ? -out->failed : 0;
	}
	return -ENOTSUP;
}

size_t text_drop_returns(char *text, size_t len)
{
	char *to = memchr(text, '\r', len);

	if (!to)
		return len;
	for (const char *s = to; s < text + len; s++)
		if (*s != '\r' || s + 1 == text + len || s[1] != '\n')
			*to++ = *s;
	return (size_t)(to - text);
}

bool text_is_base64(const char *text, size_t len)
{
	size_t digits = 0, padding = 0;

	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (isspace((unsigned char)c))
			continue;
		if (c == '=')
			padding++;
		else if (padding || (!isalnum((unsigned char)c) && c != '+' && c != '/'))
			return false;
		digits++;
	}
	return digits >= 8 && digits % 4 == 0 && padding <= 2;
}
