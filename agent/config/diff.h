/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What another layer would change: leaf by leaf from one configuration to another. Pure.
 */
#pragma once

#include <stdbool.h>

#include "agent/config/schema.h"
#include "lib/buf.h"
#include "lib/doc/doc.h"

struct diff {
	const struct schema *schema;
	/* The configuration without and with the layer, and the layer. */
	const struct doc_node *before, *after, *layer;
};

/* "+ KEY: NEW", "~ KEY: OLD -> NEW", and "! KEY: NEW ... has no effect: OLD" for what the layer
 * sets in vain, each value with its place; secrets are not shown. */
void diff_text(const struct diff *d, struct buf *out);
/* A list of {"key", "change": "added"|"changed"|"shadowed", "old", "new", "old_source",
 * "new_source"}. */
void diff_json(const struct diff *d, struct buf *out);
