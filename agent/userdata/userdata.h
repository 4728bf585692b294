/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A layer's text to its document. User-data in all its forms, several parts in one, is taken apart
 * by unpack.h and put together by assemble.h.
 */
#pragma once

#include <stdbool.h>

#include "lib/attr.h"
#include "lib/doc/doc.h"
#include "lib/error.h"

/* The text begins as one of the known forms does, or as a comment: it means to be user-data. */
bool userdata_has_header(const char *text);
/* A map, or rancher.services for the #compose form. An empty text is an empty map. */
int userdata_document(struct doc_pool *p, const char *source, const char *text, size_t len,
		      const struct doc_node **ret, struct error *err) MUST_CHECK;
/* The same for a text that is a piece of its source. */
int userdata_document_at(struct doc_pool *p, const char *source, struct doc_place place,
			 const char *text, size_t len, const struct doc_node **ret,
			 struct error *err) MUST_CHECK;
