/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the tags of a template are. Pure.
 */
#pragma once

#include <stdbool.h>

#include "lib/attr.h"

/* A place in the template. */
struct jinja_cursor {
	const char *at;
	unsigned line;
	const char *line_start;
};

struct jinja_tag {
	char kind;		/* '{', '%', '#' */
	const char *from, *to;	/* its inside, without signs of blanks */
	struct jinja_cursor at; /* where it begins */
};

void jinja_tag_advance(struct jinja_cursor *c, const char *to);
/* The next "{{", "{%" or "{#", or the end. */
const char *jinja_tag_find(const char *at, const char *end);
/* Over the tag at the cursor, and over the blanks behind it that go with it; false, and *ret holds
 * where it begins, when it is not closed. */
bool jinja_tag_take(struct jinja_cursor *c, const char *end, struct jinja_tag *ret) MUST_CHECK;
