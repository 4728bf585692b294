/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes to text: UTF-8 without byte order mark and carriage returns. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "lib/attr.h"
#include "lib/buf.h"

bool text_is_utf8(const char *text, size_t len);
/* A UTF-8 byte order mark is at the start. */
bool text_has_bom(const char *text, size_t len);
/* Text of a charset (its MIME name in lower case, "": UTF-8) to UTF-8; bytes that are no UTF-8 are
 * left as they are. -ENOTSUP for a charset that is not known. */
int text_to_utf8(const char *charset, const char *text, size_t len, struct buf *out) MUST_CHECK;
/* UTF-16 with a byte order mark: what some editors save. */
bool text_is_utf16(const char *text, size_t len);
/* "\r\n" becomes "\n", in place; returns the new length. */
size_t text_drop_returns(char *text, size_t len);
/* Base64, whole lines of it, and nothing else: what stands there when someone has encoded a file
 * that need not be. A word of four letters may be, too: whoever asks looks what comes out. */
bool text_is_base64(const char *text, size_t len);
