/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A request that is made again while another try may help: the server does not answer yet, or says
 * that it is busy. Never beyond a deadline.
 */
#pragma once

#include <stdint.h>

#include "lib/http/http.h"

struct http_retry {
	int64_t deadline;    /* clock_ms() by which the last try has ended */
	int attempt_ms;	     /* the longest that one try may take */
	int pause_ms;	     /* before the second try; doubles, up to pause_max_ms */
	int pause_max_ms;
	const long *also;    /* further statuses that are worth another try, ended by 0, or NULL */
	int wake_fd;	     /* readable when something changed, which ends a pause; -1: none */
};

/* http_do(), again after -EAGAIN, -ETIMEDOUT and the statuses 408, 429 and 500 to 599; Retry-After
 * is heeded as far as the deadline allows. The last try's outcome is the call's: a status that
 * did not get better is returned as such. The request's timeout is not used. */
int http_retry(struct http *h, const struct http_request *req, const struct http_retry *retry,
	       long *ret_status, struct buf *ret_body, struct error *err) MUST_CHECK;
/* Wait until then (clock_ms()), or until something changed. */
void http_retry_pause(const struct http_retry *retry, int64_t until);
/* Seconds that a Retry-After value asks for, as number or date (`now` is the wall clock): 1 when it
 * has passed or cannot be read. Pure. */
int64_t http_retry_after(const char *value, int64_t now);
