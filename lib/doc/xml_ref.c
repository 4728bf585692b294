/* SPDX-License-Identifier: Apache-2.0 */
/*
 * References of XML.
 */
#include <string.h>

#include "lib/attr.h"
#include "lib/doc/xml_ref.h"

static bool is_char(unsigned long c)
{
	return c == 9 || c == 10 || c == 13 || (c >= 0x20 && c <= 0xd7ff) ||
	       (c >= 0xe000 && c <= 0xfffd) || (c >= 0x10000 && c <= 0x10ffff);
}

static void add_utf8(struct buf *b, unsigned long c)
{
	if (c < 0x80) {
		buf_char(b, (char)c);
	} else if (c < 0x800) {
		buf_char(b, (char)(0xc0 | c >> 6));
		buf_char(b, (char)(0x80 | (c & 63)));
	} else if (c < 0x10000) {
		buf_char(b, (char)(0xe0 | c >> 12));
		buf_char(b, (char)(0x80 | (c >> 6 & 63)));
		buf_char(b, (char)(0x80 | (c & 63)));
	} else {
		buf_char(b, (char)(0xf0 | c >> 18));
		buf_char(b, (char)(0x80 | (c >> 12 & 63)));
		buf_char(b, (char)(0x80 | (c >> 6 & 63)));
		buf_char(b, (char)(0x80 | (c & 63)));
	}
}

/* `text` is what stands between "&#" and ";". */
static bool add_number(struct buf *b, const char *text, size_t len)
{
	unsigned base = len && *text == 'x' ? 16 : 10;
	unsigned long c = 0;

	for (size_t i = base == 16; i < len; i++) {
		static const char digits[] = "0123456789abcdef";
		const char *d = text[i] ? strchr(digits, text[i] | 0x20) : NULL;

		if (!d || (unsigned)(d - digits) >= base || c > 0x10ffff)
			return false;
		c = c * base + (unsigned long)(d - digits);
	}
	if (len <= (base == 16) || !is_char(c))
		return false;
	add_utf8(b, c);
	return true;
}

bool xml_ref_add(const char *text, size_t len, struct buf *b)
{
	static const struct {
		const char *name;
		char c;
	} five[] = {
		{ "amp", '&' }, { "lt", '<' }, { "gt", '>' }, { "quot", '"' }, { "apos", '\'' }
	};

	if (len && *text == '#')
		return add_number(b, text + 1, len - 1);
	for (size_t i = 0; i < ARRAY_LEN(five); i++)
		if (strlen(five[i].name) == len && !memcmp(five[i].name, text, len)) {
			buf_char(b, five[i].c);
			return true;
		}
	return false;
}
