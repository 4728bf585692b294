/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What Jinja does with values: look-ups, comparisons, truth, text. NULL is a missing value. Pure.
 */
#pragma once

#include <stdbool.h>

#include "lib/buf.h"
#include "lib/doc/doc.h"

/* A map's key; "-" and "_" count as the same when there is no exact one. */
const struct doc_node *jinja_value_key(const struct doc_node *map, const char *name);
/* n[key]; `minus` counts from the end of a list. */
const struct doc_node *jinja_value_index(const struct doc_node *n, const struct doc_node *key,
					 bool minus);
bool jinja_value_is_true(const struct doc_node *n);
/* An item of a list, a key of a map, a piece of a text. */
bool jinja_value_contains(const struct doc_node *whole, const struct doc_node *piece);
/* By a sign of `len` characters: == != < <= > >=. What has no order is never less or greater. */
bool jinja_value_compare(const struct doc_node *a, const struct doc_node *b, const char *sign,
			 size_t len);
/* As Python's str() prints it; `quoted`: as its repr() does. */
void jinja_value_print(const struct doc_node *n, bool quoted, struct buf *out);
