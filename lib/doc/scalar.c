/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Typing of plain scalars, following the resolver of PyYAML 6 expression by expression.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "lib/doc/scalar.h"

/* Longer numbers are not numbers anyone means. */
#define NUMBER_MAX 400

struct word {
	const char *text;
	bool value;
};

static const struct word booleans[] = {
	{ "yes", true },  { "Yes", true },  { "YES", true },  { "no", false },
	{ "No", false },  { "NO", false },  { "true", true }, { "True", true },
	{ "TRUE", true }, { "false", false }, { "False", false }, { "FALSE", false },
	{ "on", true },   { "On", true },   { "ON", true },   { "off", false },
	{ "Off", false }, { "OFF", false },
};

static const char *const nulls[] = { "", "~", "null", "Null", "NULL" };

static bool equals(const char *text, size_t len, const char *word)
{
	return strlen(word) == len && !memcmp(text, word, len);
}

static bool is_null(const char *text, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(nulls); i++)
		if (equals(text, len, nulls[i]))
			return true;
	return false;
}

static bool is_bool(const char *text, size_t len, bool *ret)
{
	for (size_t i = 0; i < ARRAY_LEN(booleans); i++)
		if (equals(text, len, booleans[i].text)) {
			*ret = booleans[i].value;
			return true;
		}
	return false;
}

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 99;
}

/* All characters are digits of the base or "_", at least one a digit. *big is set on overflow. */
static bool read_digits(const char *s, size_t len, unsigned base, uint64_t *ret, bool *big)
{
	uint64_t value = 0;
	size_t digits = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned d = (unsigned)digit_value(s[i]);

		if (s[i] == '_')
			continue;
		if (d >= base)
			return false;
		digits++;
		if (__builtin_mul_overflow(value, base, &value) ||
		    __builtin_add_overflow(value, d, &value))
			*big = true;
	}
	*ret = value;
	return digits > 0;
}

/* A group after ":" of base 60: one or two digits, below 60. */
static bool read_sixty(const char *s, size_t len, unsigned *ret)
{
	if (len < 1 || len > 2 || !isdigit((unsigned char)s[0]))
		return false;
	*ret = (unsigned)(s[0] - '0');
	if (len == 1)
		return true;
	if (s[0] > '5' || !isdigit((unsigned char)s[1]))
		return false;
	*ret = *ret * 10 + (unsigned)(s[1] - '0');
	return true;
}

/* [1-9][0-9_]*(:[0-5]?[0-9])+ */
static bool read_sexagesimal(const char *s, size_t len, uint64_t *ret, bool *big)
{
	const char *colon = memchr(s, ':', len);
	const char *end = s + len;

	if (!colon || !read_digits(s, (size_t)(colon - s), 10, ret, big))
		return false;
	while (colon) {
		const char *from = colon + 1;
		unsigned part;

		colon = memchr(from, ':', (size_t)(end - from));
		if (!read_sixty(from, (size_t)((colon ? colon : end) - from), &part))
			return false;
		if (__builtin_mul_overflow(*ret, 60u, ret) ||
		    __builtin_add_overflow(*ret, part, ret))
			*big = true;
	}
	return true;
}

static bool read_magnitude(const char *s, size_t len, uint64_t *ret, bool *big)
{
	if (len > 2 && s[0] == '0' && s[1] == 'b')
		return read_digits(s + 2, len - 2, 2, ret, big);
	if (len > 2 && s[0] == '0' && s[1] == 'x')
		return read_digits(s + 2, len - 2, 16, ret, big);
	if (len == 0 || !isdigit((unsigned char)s[0]))
		return false;
	if (s[0] == '0')
		return read_digits(s, len, 8, ret, big);
	return read_digits(s, len, 10, ret, big) || read_sexagesimal(s, len, ret, big);
}

/* An integer: DOC_INT, DOC_FLOAT when it does not fit, DOC_STR when it is none. */
static enum doc_kind resolve_int(const char *text, size_t len, union scalar_value *ret)
{
	bool minus = text[0] == '-', big = false;
	size_t sign = minus || text[0] == '+';
	uint64_t magnitude = 0;

	if (!read_magnitude(text + sign, len - sign, &magnitude, &big))
		return DOC_STR;
	if (!big && magnitude <= (uint64_t)INT64_MAX) {
		ret->integer = minus ? -(int64_t)magnitude : (int64_t)magnitude;
		return DOC_INT;
	}
	if (!big && minus && magnitude == (uint64_t)INT64_MAX + 1) {
		ret->integer = INT64_MIN;
		return DOC_INT;
	}
	ret->number = strtod(text, NULL);
	return DOC_FLOAT;
}

static size_t span(const char *s, size_t len, const char *accept)
{
	size_t n = 0;

	while (n < len && s[n] && strchr(accept, s[n]))
		n++;
	return n;
}

/* ([eE][-+][0-9]+)? up to the end. */
static bool is_exponent(const char *s, size_t len)
{
	if (len == 0)
		return true;
	if (len < 3 || (s[0] != 'e' && s[0] != 'E') || (s[1] != '-' && s[1] != '+'))
		return false;
	return span(s + 2, len - 2, "0123456789") == len - 2;
}

/* [-+]?[0-9][0-9_]*\.[0-9_]*EXP or \.[0-9][0-9_]*EXP */
static bool is_decimal(const char *s, size_t len)
{
	size_t i = len && (s[0] == '-' || s[0] == '+');
	size_t whole = span(s + i, len - i, "0123456789_");

	if (whole == 0) {
		if (i || len < 2 || s[0] != '.' || !isdigit((unsigned char)s[1]))
			return false;
	} else if (s[i] == '_') {
		return false;
	}
	i += whole;
	if (i >= len || s[i] != '.')
		return false;
	i++;
	i += span(s + i, len - i, "0123456789_");
	return is_exponent(s + i, len - i);
}

static double decimal_value(const char *s, size_t len)
{
	char clean[NUMBER_MAX + 1];
	size_t n = 0;

	for (size_t i = 0; i < len && n < NUMBER_MAX; i++)
		if (s[i] != '_')
			clean[n++] = s[i];
	clean[n] = '\0';
	return strtod(clean, NULL);
}

/* [-+]?[0-9][0-9_]*(:[0-5]?[0-9])+\.[0-9_]* */
static bool sexagesimal_float(const char *s, size_t len, double *ret)
{
	bool minus = len && s[0] == '-', big = false;
	size_t sign = minus || (len && s[0] == '+');
	const char *dot = memchr(s, '.', len);
	uint64_t whole;

	if (!dot || !isdigit((unsigned char)s[sign]) ||
	    !read_sexagesimal(s + sign, (size_t)(dot - s) - sign, &whole, &big))
		return false;
	if (span(dot + 1, len - (size_t)(dot + 1 - s), "0123456789_") !=
	    len - (size_t)(dot + 1 - s))
		return false;
	*ret = (double)whole + decimal_value(dot, len - (size_t)(dot - s));
	if (minus)
		*ret = -*ret;
	return true;
}

static bool special_float(const char *s, size_t len, double *ret)
{
	size_t sign = len && (s[0] == '-' || s[0] == '+');

	if (equals(s + sign, len - sign, ".inf") || equals(s + sign, len - sign, ".Inf") ||
	    equals(s + sign, len - sign, ".INF"))
		*ret = s[0] == '-' ? -__builtin_inf() : __builtin_inf();
	else if (equals(s, len, ".nan") || equals(s, len, ".NaN") || equals(s, len, ".NAN"))
		*ret = __builtin_nan("");
	else
		return false;
	return true;
}

static bool is_float(const char *text, size_t len, double *ret)
{
	if (is_decimal(text, len)) {
		*ret = decimal_value(text, len);
		return true;
	}
	return special_float(text, len, ret) || sexagesimal_float(text, len, ret);
}

enum doc_kind scalar_resolve(const char *text, size_t len, union scalar_value *ret)
{
	enum doc_kind kind;

	if (is_null(text, len))
		return DOC_NULL;
	if (is_bool(text, len, &ret->boolean))
		return DOC_BOOL;
	if (len > NUMBER_MAX || !strchr("+-.0123456789", text[0]))
		return DOC_STR;
	kind = resolve_int(text, len, ret);
	if (kind != DOC_STR)
		return kind;
	return is_float(text, len, &ret->number) ? DOC_FLOAT : DOC_STR;
}

bool scalar_is_json_number(const char *text, size_t len)
{
	size_t i = len && text[0] == '-', n;

	n = span(text + i, len - i, "0123456789");
	if (n == 0 || (n > 1 && text[i] == '0'))
		return false;
	i += n;
	if (i < len && text[i] == '.') {
		n = span(text + i + 1, len - i - 1, "0123456789");
		if (n == 0)
			return false;
		i += n + 1;
	}
	if (i < len && (text[i] == 'e' || text[i] == 'E')) {
		i++;
		i += i < len && (text[i] == '-' || text[i] == '+');
		n = span(text + i, len - i, "0123456789");
		if (n == 0)
			return false;
		i += n;
	}
	return i == len;
}

/* Bounds of the second byte (Unicode, table 3-7), which rule out overlong forms and surrogates. */
static bool fits_second(unsigned char first, unsigned char second)
{
	unsigned char low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
	unsigned char high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;

	return second >= low && second <= high;
}

bool scalar_is_text(const char *text, size_t len)
{
	const unsigned char *s = (const unsigned char *)text;

	for (size_t i = 0; i < len;) {
		unsigned char c = s[i++];
		int more = c < 0x80 ? 0 : c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;

		if (c == 0 || (c >= 0x80 && (c < 0xc2 || c > 0xf4)))
			return false;
		if (more && (i >= len || !fits_second(c, s[i])))
			return false;
		for (; more > 0; more--, i++)
			if (i >= len || (s[i] & 0xc0) != 0x80)
				return false;
	}
	return true;
}
