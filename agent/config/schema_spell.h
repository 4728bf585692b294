/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of keys that are written with dashes for underscores. Pure.
 */
#pragma once

#include "agent/config/schema.h"
#include "lib/doc/doc.h"

/* The row of a key below `path`, also when it is written with dashes; NULL when no row knows it. */
const struct schema_entry *schema_spell_entry(const struct schema *s, const char *path,
					      const char *key);
/* The document with names of keys as the table spells them, where only dashes and underscores
 * differ (ca-certs, ssh-authorized-keys); the same node when nothing changes. */
const struct doc_node *schema_spell_right(const struct schema *s, struct doc_pool *p,
					  const struct doc_node *doc);
