/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Jinja's expressions: read and worked out in one pass over the text of a tag. Pure.
 */
#pragma once

#include "agent/userdata/jinja_token.h"
#include "lib/attr.h"
#include "lib/buf.h"

struct jinja_value {
	const struct doc_node *node; /* NULL: there is no such variable … */
	char missing[JINJA_NAME];    /* … of this name */
	const char *place;	     /* where it is asked for */
};

/* Read an expression; false when it is refused. The token after it is current then. */
bool jinja_expr_read(struct jinja_expr *e, struct jinja_value *ret) MUST_CHECK;
bool jinja_expr_is_true(const struct jinja_value *v);
/* As Python's str() prints it. */
void jinja_expr_print(const struct doc_node *n, struct buf *out);
