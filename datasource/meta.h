/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing meta-data in the one form that every source is brought into: a JSON object with NoCloud's
 * and EC2's keys. Pure.
 */
#pragma once

#include "lib/buf.h"
#include "lib/doc/doc.h"

/* No cloud gives a machine more keys. */
#define META_KEYS_MAX 256
#define META_ID_MAX 256

struct meta {
	struct buf text; /* what was set so far */
	struct buf keys; /* items of public-keys */
	size_t n_keys;
};

void meta_done(struct meta *m);
#define AUTO_META CLEANUP(meta_done)
/* "instance-id", "local-hostname", "region", "availability-zone", "instance-type", "public-ipv4",
 * "local-ipv4". NULL and "" are left out. White space around the value does not count. */
void meta_set(struct meta *m, const char *name, const char *value);
/* Whether a text can be an instance's id, and not a page that somebody else's server sent. */
bool meta_is_id(const char *text);
/* Every line of the text is an SSH key; empty ones and comments are passed over. */
void meta_add_keys(struct meta *m, const char *text);
/* Whether a text has a key in it, and not only something that is called like one. */
bool meta_has_key(const char *text);
/* A text of lines, a list, or a map of name and key, however deep a cloud hides them: the texts
 * that look like keys are taken. */
void meta_add_key_node(struct meta *m, const struct doc_node *n);
/* The whole, appended. */
void meta_finish(const struct meta *m, struct buf *out);
