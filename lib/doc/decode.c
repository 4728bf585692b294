/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base64 with a cap.
 */
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "lib/doc/decode.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int sextet(char c)
{
	const char *at = c ? strchr(alphabet, c) : NULL;

	return at ? (int)(at - alphabet) : -1;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* What is left at the end: 2 or 3 digits give 1 or 2 bytes, 1 digit is an error. */
static int flush_rest(uint32_t acc, unsigned digits, struct buf *out)
{
	if (digits == 1)
		return -EBADMSG;
	if (digits >= 2)
		buf_char(out, (char)(acc >> (digits == 2 ? 4 : 10)));
	if (digits == 3)
		buf_char(out, (char)(acc >> 2));
	return 0;
}

int decode_base64(const char *text, size_t len, struct buf *out)
{
	uint32_t acc = 0;
	unsigned digits = 0, padding = 0;

	for (size_t i = 0; i < len; i++) {
		int d;

		if (is_space(text[i]))
			continue;
		if (text[i] == '=' && digits >= 2 && digits + ++padding <= 4)
			continue;
		d = sextet(text[i]);
		if (d < 0 || padding)
			return -EBADMSG;
		acc = acc << 6 | (uint32_t)d;
		if (++digits < 4)
			continue;
		buf_char(out, (char)(acc >> 16));
		buf_char(out, (char)(acc >> 8));
		buf_char(out, (char)acc);
		acc = 0;
		digits = 0;
	}
	if (flush_rest(acc, digits, out) < 0)
		return -EBADMSG;
	return out->failed ? -out->failed : 0;
}

void decode_to_base64(const void *data, size_t len, struct buf *out)
{
	const unsigned char *s = data;

	for (size_t i = 0; i < len; i += 3) {
		uint32_t acc = (uint32_t)s[i] << 16;

		if (i + 1 < len)
			acc |= (uint32_t)s[i + 1] << 8;
		if (i + 2 < len)
			acc |= s[i + 2];
		buf_char(out, alphabet[acc >> 18]);
		buf_char(out, alphabet[acc >> 12 & 63]);
		buf_char(out, i + 1 < len ? alphabet[acc >> 6 & 63] : '=');
		buf_char(out, i + 2 < len ? alphabet[acc & 63] : '=');
	}
}

bool decode_is_gzip(const void *data, size_t len)
{
	return len >= 2 && !memcmp(data, "\x1f\x8b", 2);
}
