/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was probably meant by a word that nobody knows. Pure.
 */
#pragma once

#include "agent/config/schema.h"
#include "lib/buf.h"

/* Add " (did you mean ...?)" for an unknown key below `path`: a name that is nearly the same there,
 * or the same name elsewhere. False when there is none. */
bool schema_near_key(const struct schema *s, const char *path, const char *key, struct buf *out);
/* The same for a value out of "a|b|c". */
bool schema_near_word(const char *words, const char *text, struct buf *out);
