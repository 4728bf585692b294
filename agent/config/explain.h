/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a value comes from: the layer that wins, those that it replaced, what it would be without
 * them, what the key is for. Pure.
 */
#pragma once

#include <stdbool.h>

#include "agent/config/schema.h"
#include "lib/buf.h"
#include "lib/doc/doc.h"

struct explain {
	const char *key;
	const struct doc_node *config;
	const struct schema_entry *entry; /* NULL: no row knows the key */
	bool hide;                        /* it is secret, and not to be shown */
};

void explain_json(struct doc_pool *p, const struct explain *e, struct buf *out);
void explain_text(struct doc_pool *p, const struct explain *e, struct buf *out);

/* Their parts, for whoever shows values with places. NULL is "null"; `hide` is for secrets. */
void explain_json_text(struct buf *out, const char *text);
void explain_json_value(const struct doc_node *n, bool hide, struct buf *out);
/* {"file", "line", "column"} */
void explain_json_source(const struct doc_node *n, struct buf *out);
/* One line: a text as it is, all else as JSON; long ones are cut. */
void explain_show(const struct doc_node *n, bool hide, struct buf *out);
void explain_show_place(const struct doc_node *n, struct buf *out); /* "FILE:LINE:COLUMN" */
