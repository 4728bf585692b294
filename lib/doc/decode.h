/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Undoing encodings of data that users wrap: base64, and telling gzip (lib/pack undoes it). Output
 * goes to a buffer whose limit is the cap; nothing is half-used after a failure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "lib/attr.h"
#include "lib/buf.h"

/* White space is skipped, padding may be missing. -EBADMSG for anything else. */
int decode_base64(const char *text, size_t len, struct buf *out) MUST_CHECK;
bool decode_is_gzip(const void *data, size_t len);
/* The other way round. */
void decode_to_base64(const void *data, size_t len, struct buf *out);
