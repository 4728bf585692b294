/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Taking out of a document what nobody else should see. Pure.
 */
#pragma once

#include "agent/config/schema.h"
#include "lib/doc/doc.h"

/* A copy without the values that the schema calls secret, and without private keys wherever they
 * stand. A list that has any is left out whole, with a warning of the pool. NULL only for lack of
 * memory. */
const struct doc_node *secret_remove(const struct schema *s, struct doc_pool *p,
				     const struct doc_node *doc);
/* The key's row, or one above it, is secret. */
bool secret_is(const struct schema *s, const char *path);
