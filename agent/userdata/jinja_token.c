/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words of expressions.
 */
#include "agent/userdata/jinja_token.h"

#include <ctype.h>
#include <string.h>

#include "lib/attr.h"

static bool is_word_char(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

static size_t string_length(const char *s, const char *end)
{
	for (const char *at = s + 1; at < end; at++) {
		if (*at == *s)
			return (size_t)(at + 1 - s);
		if (*at == '\\')
			at++;
	}
	return 0;
}

static size_t sign_length(const char *s, const char *end)
{
	static const char *const two[] = { "==", "!=", "<=", ">=", "**", "//" };

	for (size_t i = 0; i < ARRAY_LEN(two); i++)
		if (end - s >= 2 && !strncmp(s, two[i], 2))
			return 2;
	return 1;
}

void jinja_token_next(struct jinja_expr *e)
{
	const char *s = e->at;
	size_t len = 0;

	while (s < e->end && isspace((unsigned char)*s))
		s++;
	e->from = s;
	if (s == e->end) {
		e->token = JINJA_END;
	} else if (*s == '\'' || *s == '"') {
		len = string_length(s, e->end);
		e->token = len ? JINJA_STRING : JINJA_BAD;
		len = len ? len : 1;
	} else if (is_word_char(*s)) {
		e->token = isdigit((unsigned char)*s) ? JINJA_NUMBER : JINJA_WORD;
		while (s + len < e->end && is_word_char(s[len]))
			len++;
	} else {
		e->token = strchr("=!<>.,:[](){}|+-*/%~", *s) ? JINJA_SIGN : JINJA_BAD;
		len = sign_length(s, e->end);
	}
	e->len = len;
	e->at = s + len;
}

void jinja_token_begin(struct jinja_expr *e, const char *at, const char *end)
{
	e->at = at;
	e->end = end;
	e->depth = 0;
	jinja_token_next(e);
}

bool jinja_token_is(const struct jinja_expr *e, const char *text)
{
	return (e->token == JINJA_WORD || e->token == JINJA_SIGN) && strlen(text) == e->len &&
	       !strncmp(e->from, text, e->len);
}

void jinja_token_name(const struct jinja_expr *e, char name[JINJA_NAME])
{
	size_t n = e->len < JINJA_NAME - 1 ? e->len : JINJA_NAME - 1;

	memcpy(name, e->from, n);
	name[n] = '\0';
}

void jinja_token_refuse(struct jinja_expr *e, const char *what)
{
	if (e->refused)
		return;
	e->refused = what;
	e->place = e->from;
	jinja_token_name(e, e->name);
}

void jinja_token_wrong(struct jinja_expr *e)
{
	e->wrong = e->wrong || !e->refused;
	jinja_token_refuse(e, e->token == JINJA_END ? "something is missing here" : "unexpected");
}
