/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a piece of user-data is, and its text made readable: gunzipped, without byte order mark and
 * carriage returns. Pure.
 *
 * Forms so far: #cloud-config, #! scripts, #compose. MIME, includes, archives, jinja, boothooks are
 * named and refused; they become further rows of the table in userdata.c.
 */
#pragma once

#include <stdbool.h>

#include "lib/attr.h"
#include "lib/doc/doc.h"
#include "lib/error.h"

enum userdata_form { USERDATA_NONE, USERDATA_CONFIG, USERDATA_COMPOSE, USERDATA_SCRIPT };

struct userdata {
	enum userdata_form form;
	const char *text; /* in the pool's memory */
	size_t len;
};

/* Look at raw bytes named `source`. What is refused, and why, is a message of the pool, and
 * -EBADMSG or -E2BIG; nothing but white space is USERDATA_NONE. */
int userdata_read(struct doc_pool *p, const char *source, const void *data, size_t len,
		  struct userdata *ret) MUST_CHECK;
/* The text begins as one of the known forms does, or as a comment: it means to be user-data. */
bool userdata_has_header(const char *text);
/* A layer's text to its document: a map, or rancher.services for the #compose form. An empty text
 * is an empty map. */
int userdata_document(struct doc_pool *p, const char *source, const char *text, size_t len,
		      const struct doc_node **ret, struct error *err) MUST_CHECK;
