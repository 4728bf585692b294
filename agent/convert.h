/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts as compose files write them → values: shell words, sizes, durations, ${VARIABLES}. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/error.h"

/* A command of more words than this is refused. */
#define CONVERT_WORDS_MAX 256

/* Take the next shell word off *text into `word` (emptied first); quotes and backslashes as in sh,
 * nothing is expanded. Returns 1 for a word, 0 at the end, -EBADMSG for an open quote. */
int convert_word(const char **text, struct buf *word, struct error *err) MUST_CHECK;
/* "512m", "1.5g", "64kb", "1024" → bytes. */
int convert_size(const char *text, int64_t *ret, struct error *err) MUST_CHECK;
/* "90", "90s", "1m30s", "500ms" → milliseconds; a bare number is seconds. */
int convert_duration(const char *text, int64_t *ret_ms, struct error *err) MUST_CHECK;
/* A whole decimal number and nothing else. */
int convert_integer(const char *text, int64_t *ret, struct error *err) MUST_CHECK;

/* The value of a variable or NULL; `needed` is false when the text brings a default of its own. */
typedef const char *(*convert_lookup)(void *arg, const char *name, bool needed);
/* $NAME, ${NAME}, ${NAME-default}, ${NAME:-default}, $$ for one dollar sign. */
int convert_interpolate(const char *text, convert_lookup lookup, void *arg, struct buf *out,
			struct error *err) MUST_CHECK;
