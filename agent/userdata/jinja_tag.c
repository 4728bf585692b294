/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds tags, and what white space goes with them (trim_blocks, "-" and "+").
 */
#include "agent/userdata/jinja_tag.h"

#include <ctype.h>
#include <string.h>

/* A tag that is longer is not closed; a comment may be. */
#define TAG_MAX 4096

void jinja_tag_advance(struct jinja_cursor *c, const char *to)
{
	const char *nl;

	while ((nl = memchr(c->at, '\n', (size_t)(to - c->at)))) {
		c->line++;
		c->line_start = c->at = nl + 1;
	}
	c->at = to;
}

const char *jinja_tag_find(const char *at, const char *end)
{
	while ((at = memchr(at, '{', (size_t)(end - at)))) {
		if (at + 1 < end && strchr("{%#", at[1]))
			return at;
		at++;
	}
	return end;
}

/* The end of a tag's inside; strings in it may hold anything. */
static const char *find_close(const char *s, const char *end, char kind)
{
	char quote = '\0', close = kind == '{' ? '}' : kind;

	if (kind != '#' && end - s > TAG_MAX)
		end = s + TAG_MAX;
	for (; s + 1 < end; s++) {
		if (quote && *s == '\\')
			s++;
		else if (quote)
			quote = *s == quote ? '\0' : quote;
		else if (kind != '#' && (*s == '\'' || *s == '"'))
			quote = *s;
		else if (*s == close && s[1] == '}')
			return s;
	}
	return NULL;
}

bool jinja_tag_take(struct jinja_cursor *c, const char *end, struct jinja_tag *ret)
{
	const char *open = c->at, *close = find_close(open + 2, end, open[1]), *behind;
	bool trim, keep;

	*ret = (struct jinja_tag){ open[1], open + 2, close, *c };
	if (!close)
		return false;
	ret->from += ret->from < close && strchr("-+", *ret->from);
	trim = close > ret->from && close[-1] == '-';
	keep = close > ret->from && close[-1] == '+';
	ret->to = close - (trim || keep);
	behind = close + 2;
	/* trim_blocks */
	if (ret->kind != '{' && !keep && behind < end && *behind == '\n')
		behind++;
	while (trim && behind < end && isspace((unsigned char)*behind))
		behind++;
	jinja_tag_advance(c, behind);
	return true;
}
