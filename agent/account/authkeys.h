/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines of authorized_keys files: which key a line holds, and putting keys into a file's text
 * without touching what is not ours. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "lib/attr.h"
#include "lib/buf.h"

struct authkeys_key {
	const char *type, *blob; /* inside the line that was given */
	size_t type_len, blob_len;
};

/* "[options] TYPE BLOB [comment]", the line ending at a newline or NUL; false when it is no key. */
bool authkeys_parse(const char *line, struct authkeys_key *ret);
/* The blob begins with the name of its type, as a whole key does. */
bool authkeys_is_whole(const struct authkeys_key *k);
/* The text of a file after `key` was put into it: in place of the line with the same blob, else at
 * the end. Other lines stay as they are, in their order. */
void authkeys_put(const char *text, const char *key, struct buf *out);
/* The same without the lines that hold this key. */
void authkeys_drop(const char *text, const char *key, struct buf *out);
