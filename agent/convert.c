/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns the small languages inside the strings of a compose file. Knows nothing of documents: the
 * callers say where in the file a mistake is.
 */
#include "agent/convert.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The character that a backslash inside double quotes protects; others keep the backslash. */
static bool quoted_special(char c)
{
	return c == '"' || c == '\\' || c == '$' || c == '`' || c == '\n';
}

/* One quoted stretch; *s stands behind the opening quote and ends behind the closing one. */
static int take_quoted(const char **s, char quote, struct buf *word, struct error *err)
{
	for (; **s && **s != quote; (*s)++) {
		if (quote == '"' && **s == '\\' && quoted_special((*s)[1]))
			(*s)++;
		buf_char(word, **s);
	}
	if (!**s)
		return error_set(err, EBADMSG, "a %c quote is not closed", quote);
	(*s)++;
	return 0;
}

int convert_word(const char **text, struct buf *word, struct error *err)
{
	const char *s = *text;
	int r = 0;

	buf_reset(word);
	while (isspace((unsigned char)*s))
		s++;
	if (!*s) {
		*text = s;
		return 0;
	}
	while (*s && !isspace((unsigned char)*s) && r == 0) {
		const char c = *s++;

		if (c == '\'' || c == '"')
			r = take_quoted(&s, c, word, err);
		else if (c == '\\' && *s)
			buf_char(word, *s++);
		else
			buf_char(word, c);
	}
	if (r < 0)
		return r;
	*text = s;
	r = buf_check(word, err);
	return r < 0 ? r : 1;
}

int convert_integer(const char *text, int64_t *ret, struct error *err)
{
	char *end;
	long long v;

	errno = 0;
	v = strtoll(text, &end, 10);
	if (errno || end == text || *end || isspace((unsigned char)*text))
		return error_set(err, EBADMSG, "\"%s\" is not a whole number", text);
	*ret = v;
	return 0;
}

int convert_size(const char *text, int64_t *ret, struct error *err)
{
	static const char units[] = "bkmgt";
	char *end;
	double v;
	unsigned shift = 0;

	errno = 0;
	v = strtod(text, &end);
	if (errno || end == text || v != v || isspace((unsigned char)*text))
		return error_set(err, EBADMSG, "\"%s\" is not a size like 512m", text);
	while (*end == ' ')
		end++;
	if (*end) {
		const char *u = strchr(units, tolower((unsigned char)*end));

		if (!u)
			return error_set(err, EBADMSG, "\"%s\": unknown unit", text);
		shift = (unsigned)(u - units) * 10;
		end += strcasecmp(end + 1, "b") == 0 || strcasecmp(end + 1, "ib") == 0 ?
			       strlen(end) : 1;
	}
	v *= (double)(1LL << shift);
	if (*end || v < -1 || v > 9e18)
		return error_set(err, EBADMSG, "\"%s\" is not a size like 512m", text);
	*ret = (int64_t)v;
	return 0;
}

static const struct {
	const char *unit;
	double ms;
} unit_all[] = { { "ms", 1 }, { "us", 1e-3 }, { "ns", 1e-6 }, { "s", 1e3 }, { "m", 6e4 },
		 { "h", 3.6e6 } };

/* Milliseconds of the unit that *s begins with, *s moved behind it; 0 for none. */
static double take_unit(const char **s)
{
	for (size_t i = 0; i < ARRAY_LEN(unit_all); i++) {
		const size_t len = strlen(unit_all[i].unit);

		if (!strncmp(*s, unit_all[i].unit, len)) {
			*s += len;
			return unit_all[i].ms;
		}
	}
	return 0;
}

int convert_duration(const char *text, int64_t *ret_ms, struct error *err)
{
	const char *s = text;
	double sum = 0;

	do {
		char *end;
		const double v = strtod(s, &end);
		double unit;

		if (end == s || !(v >= 0) || v > 1e12)
			return error_set(err, EBADMSG, "\"%s\" is not a duration like 1m30s", text);
		s = end;
		unit = take_unit(&s);
		if (unit == 0 && (*s || end == text))
			return error_set(err, EBADMSG, "\"%s\" is not a duration like 1m30s", text);
		sum += v * (unit == 0 ? 1e3 : unit);
	} while (*s);
	*ret_ms = (int64_t)sum;
	return 0;
}

static size_t name_length(const char *s)
{
	size_t n = 0;

	if (isdigit((unsigned char)*s))
		return 0;
	while (isalnum((unsigned char)s[n]) || s[n] == '_')
		n++;
	return n;
}

/* `${NAME…}`: *s stands behind the opening brace and ends behind the closing one. */
static int take_braced(const char **s, convert_lookup lookup, void *arg, struct buf *out,
		       struct error *err)
{
	const char *end = strchr(*s, '}');
	const size_t len = name_length(*s);
	struct buf AUTO_BUF name = BUF_WITH_LIMIT(256);
	const char *rest = *s + len, *value;
	bool empty_counts;
	int r;

	if (!end || len == 0 || !strchr("}:-", *rest) || (*rest == ':' && rest[1] != '-'))
		return error_set(err, EBADMSG, "\"${%.40s\" is not a variable like ${NAME} "
					       "(write $$ for a dollar sign)", *s);
	buf_add(&name, *s, len);
	r = buf_check(&name, err);
	if (r < 0)
		return r;
	value = lookup(arg, buf_text(&name), *rest == '}');
	empty_counts = *rest != ':';
	if (*rest != '}' && (!value || (!*value && !empty_counts))) {
		rest += *rest == ':' ? 2 : 1;
		buf_add(out, rest, (size_t)(end - rest));
	} else {
		buf_str(out, value ? value : "");
	}
	*s = end + 1;
	return 0;
}

/* `$NAME`: *s stands behind the dollar sign. */
static int take_plain(const char **s, convert_lookup lookup, void *arg, struct buf *out,
		      struct error *err)
{
	const size_t len = name_length(*s);
	struct buf AUTO_BUF name = BUF_WITH_LIMIT(256);
	const char *value;
	int r;

	if (len == 0)
		return error_set(err, EBADMSG, "\"$%.20s\" is not a variable "
					       "(write $$ for a dollar sign)", *s);
	buf_add(&name, *s, len);
	r = buf_check(&name, err);
	if (r < 0)
		return r;
	value = lookup(arg, buf_text(&name), true);
	buf_str(out, value ? value : "");
	*s += len;
	return 0;
}

int convert_interpolate(const char *text, convert_lookup lookup, void *arg, struct buf *out,
			struct error *err)
{
	const char *s = text;
	int r = 0;

	while (*s && r == 0) {
		if (*s != '$') {
			buf_char(out, *s++);
			continue;
		}
		s++;
		if (*s == '$')
			buf_char(out, *s++);
		else if (*s == '{' && s++)
			r = take_braced(&s, lookup, arg, out, err);
		else
			r = take_plain(&s, lookup, arg, out, err);
	}
	return r < 0 ? r : buf_check(out, err);
}
