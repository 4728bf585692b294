/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Growing bytes or text with a hard limit. The first failure (limit passed, no memory) sticks:
 * callers append freely and ask once, with buf_check().
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/error.h"
#include "lib/scope.h"

struct buf {
	char *data;   /* always terminated with NUL when not NULL; the NUL is not counted */
	size_t len;
	size_t size;  /* allocated bytes */
	size_t limit; /* len never passes it; 0 means BUF_LIMIT */
	int failed;   /* E2BIG or ENOMEM once an append did not fit */
};

/* The limit of a buffer that names none: nothing we build is larger than this. */
#define BUF_LIMIT (16u << 20)

#define BUF_WITH_LIMIT(n) ((struct buf){ .limit = (n) })

void buf_add(struct buf *b, const void *data, size_t len);
void buf_str(struct buf *b, const char *s);
void buf_char(struct buf *b, char c);
void buf_fmt(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* The text inside a JSON string literal, without the quotes; invalid UTF-8 becomes U+FFFD. */
void buf_json(struct buf *b, const char *s);
/* One step of it without allocation: the character at *s as it stands in a JSON string goes into
 * `out`, *s moves behind it; returns the bytes written, 0 at the end of the text. */
#define BUF_JSON_UNIT 8
size_t buf_json_unit(const char **s, char out[BUF_JSON_UNIT]);
/* Empty again: no text, no failure; limit and memory stay. */
void buf_reset(struct buf *b);
/* Text so far; "" for an empty buffer. Lives as long as the buffer is unchanged. */
const char *buf_text(const struct buf *b);
/* 0, or the failure that stuck. */
int buf_check(const struct buf *b, struct error *err) MUST_CHECK;
/* Hand the memory over to the caller, who frees it; never NULL unless buf_check() would fail. */
char *buf_take(struct buf *b);
/* Release the memory; the empty buffer may be used again. */
void buf_done(struct buf *b);
#define AUTO_BUF CLEANUP(buf_done)
