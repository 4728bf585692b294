/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds the mistakes of a document: unknown keys (with what was probably meant), values of a wrong
 * kind, keys that are missing, keys that have no effect here.
 */
#pragma once

#include "agent/config/schema.h"
#include "lib/doc/doc.h"

/* Every mistake is a message of the pool, in the order of the document: at the key for a key, at
 * the value for a value. */
void schema_check(const struct schema *s, struct doc_pool *p, const struct doc_node *doc);
