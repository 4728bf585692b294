/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one HTTP client: libcurl, opened with dlopen on first use so that a `ros` process which makes
 * no request maps none of its thirty libraries.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/error.h"

struct http; /* a connection pool: reuse it */

struct http_request {
	const char *method;      /* "GET"; also meant by NULL */
	const char *url;         /* "http://d/v1.41/containers/json" */
	const char *unix_socket; /* connect there instead, or NULL */
	const char *const *headers; /* "Name: value", NULL-terminated, or NULL */
	const void *body;        /* or NULL */
	size_t body_len;
	int timeout_ms;          /* for the whole request; there is none without one */
	size_t max_bytes;        /* of the reply's body; 0: 4 MiB, or no limit with chunk */
	/* Called with pieces of the body as they come, instead of collecting them, whatever the
	 * status; return false to stop, which is no error. */
	bool (*chunk)(void *arg, const char *data, size_t len);
	void *arg;
};

int http_new(struct http **ret, struct error *err) MUST_CHECK;
void http_free(struct http *h);
DEFINE_AUTO(struct http, http_free);
/* Do it. *ret_status is the HTTP status, whatever it is (a 404 and a redirect are no error here).
 * The body is appended to *ret_body (NULL: dropped), which a failure leaves as it was. -EAGAIN: not
 * reachable, refused, reset, or the reply ended early; -ETIMEDOUT; -E2BIG; -EPROTO: not HTTP, or a
 * certificate that is not trusted. No redirects, no proxy, http and https only. Messages name the
 * URL without user, password and query, which may be secrets. */
int http_do(struct http *h, const struct http_request *req, long *ret_status, struct buf *ret_body,
	    struct error *err) MUST_CHECK;
