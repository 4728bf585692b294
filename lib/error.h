/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The error value: a code and a sentence, owned by the caller, never allocated.
 *
 * Every fallible function takes `struct error *err` as its last parameter and returns 0 or a
 * negative code. The place that fails calls error_set(); places on the way up put context in front
 * with error_wrap(); whoever handles the error prints or journals it, once. NULL is allowed and
 * means "I only want the code".
 *
 * Codes mean the same everywhere: ENODATA this source is not present, try the next one; EAGAIN and
 * ETIMEDOUT may work later; EBADMSG the input is malformed and the message starts with
 * "source:line:column:"; E2BIG a named limit was passed; ECANCELED refused by a safety check and
 * nothing was changed; EINVAL the caller's bug.
 */
#pragma once

#include "lib/attr.h"

struct error {
	int code;      /* positive errno value, 0 when unset */
	char msg[508]; /* "outer: inner: cause", always terminated */
};

/* Set the message and return -code. */
int error_set(struct error *err, int code, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* Like error_set, with ": " and the text of errno `code` appended. */
int error_sys(struct error *err, int code, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* Put "context: " in front and return ret. When it no longer fits the context is dropped, never the
 * cause. */
int error_wrap(struct error *err, int ret, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* Back to "no error". */
void error_reset(struct error *err);
