/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looking for mistakes in a file before a machine meets it: the text of user-data or of a layer, as
 * someone wrote it. Needs no system around it.
 */
#pragma once

#include "lib/attr.h"
#include "lib/doc/doc.h"

/* A further look at each document, at what this folder does not know (compose_check), or NULL. */
typedef void (*validate_more)(struct doc_pool *p, const struct doc_node *doc);

/* Every mistake becomes a message of the pool. -ENOMEM, else 0. */
int validate_text(struct doc_pool *p, const char *name, const char *text, size_t len,
		  validate_more more, struct error *err) MUST_CHECK;
/* The same for a document. */
int validate_document(struct doc_pool *p, const struct doc_node *doc, struct error *err) MUST_CHECK;
