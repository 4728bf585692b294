/* SPDX-License-Identifier: Apache-2.0 */
/*
 * YAML tags: !!str, !!int, !!binary … on values. Any other tag is refused.
 */
#pragma once

#include "lib/doc/doc.h"
#include "lib/doc/scalar.h"

/* Type a scalar (DOC_STR so far) by its tag. NULL when it is done, else what is wrong. */
const char *tag_apply(struct doc_pool *p, const char *tag, struct doc_node *n);
/* NULL when a list or map may carry the tag, else what is wrong. */
const char *tag_check(const char *tag, enum doc_kind kind);
/* Set kind and value together. */
void tag_set(struct doc_node *n, enum doc_kind kind, const union scalar_value *v);
