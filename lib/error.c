/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The error value. Nothing is allocated and no locale is asked: it works in PID 1 and after fork.
 */
#define _GNU_SOURCE 1
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/error.h"

/* A place that failed never returns success: a code that says "no error" is the caller's bug. */
static int failing_code(int code)
{
	if (code == 0)
		return EINVAL;
	return code < 0 ? -code : code;
}

/* Format into a buffer of our own first: the arguments may point into err->msg. */
static size_t format(char *text, size_t size, const char *fmt, va_list ap)
{
	int n = vsnprintf(text, size, fmt, ap);

	if (n < 0) {
		text[0] = '\0';
		return 0;
	}
	return (size_t)n < size ? (size_t)n : size - 1;
}

int error_set(struct error *err, int code, const char *fmt, ...)
{
	char text[sizeof(err->msg)];
	va_list ap;

	code = failing_code(code);
	if (!err)
		return -code;
	va_start(ap, fmt);
	(void)format(text, sizeof(text), fmt, ap);
	va_end(ap);
	err->code = code;
	memcpy(err->msg, text, strlen(text) + 1);
	return -code;
}

int error_sys(struct error *err, int code, const char *fmt, ...)
{
	char text[sizeof(err->msg)];
	char number[32];
	const char *cause;
	size_t room, len;
	va_list ap;

	code = failing_code(code);
	if (!err)
		return -code;
	cause = strerrordesc_np(code);
	if (!cause) {
		(void)snprintf(number, sizeof(number), "error %d", code);
		cause = number;
	}
	/* A message that is too long loses its own end, not the cause. */
	room = sizeof(text) - strlen(cause) - 2;
	va_start(ap, fmt);
	len = format(text, room, fmt, ap);
	va_end(ap);
	(void)snprintf(text + len, sizeof(text) - len, ": %s", cause);
	err->code = code;
	memcpy(err->msg, text, strlen(text) + 1);
	return -code;
}

int error_wrap(struct error *err, int ret, const char *fmt, ...)
{
	char text[sizeof(err->msg)];
	size_t len, old;
	va_list ap;
	int n;

	if (!err)
		return ret;
	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	old = strlen(err->msg);
	if (n < 0 || (size_t)n + 2 + old >= sizeof(err->msg))
		return ret;
	len = (size_t)n;
	memmove(err->msg + len + 2, err->msg, old + 1);
	memcpy(err->msg, text, len);
	memcpy(err->msg + len, ": ", 2);
	return ret;
}

void error_reset(struct error *err)
{
	if (!err)
		return;
	err->code = 0;
	err->msg[0] = '\0';
}
