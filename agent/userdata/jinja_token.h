/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Jinja's expressions, word by word, and the note of what is refused in them. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "lib/doc/doc.h"

#define JINJA_NAME 64

/* The name of a loop, and the item it stands for now. */
struct jinja_scope {
	const struct jinja_scope *outer;
	char name[JINJA_NAME];
	const struct doc_node *node;
	size_t index, length;
};

enum jinja_token {
	JINJA_END,
	JINJA_WORD,
	JINJA_STRING,
	JINJA_NUMBER,
	JINJA_SIGN,
	JINJA_BAD /* nothing that an expression may hold */
};

/* A tag's inside, read word by word. */
struct jinja_expr {
	struct doc_pool *pool;
	const struct doc_node *vars;
	const struct jinja_scope *scope;
	const char *at, *end;
	enum jinja_token token; /* the current one … */
	const char *from;	/* … as it stands there … */
	size_t len;		/* … which is this long */
	int depth;
	/* What was refused, NULL for nothing: "the filter", and what it is called. */
	const char *refused;
	bool wrong; /* it is a mistake and not only unknown here */
	char name[JINJA_NAME];
	const char *place;
};

/* Begin with the first token of at … end. */
void jinja_token_begin(struct jinja_expr *e, const char *at, const char *end);
void jinja_token_next(struct jinja_expr *e);
/* The current token is this word or sign. */
bool jinja_token_is(const struct jinja_expr *e, const char *text);
/* Note what is refused, at the current token, with its text as the name. */
void jinja_token_refuse(struct jinja_expr *e, const char *what);
/* The current token has no business here. */
void jinja_token_wrong(struct jinja_expr *e);
/* The current token's text, cut to fit. */
void jinja_token_name(const struct jinja_expr *e, char name[JINJA_NAME]);
