/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The HTTP client of the network: libcurl, opened with dlopen on first use so that a `ros` process
 * which makes no request maps none of its thirty libraries. local.h is that of unix sockets.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/error.h"

struct http; /* a connection pool: reuse it */

/* So many requests of http_race() are under way at a time, */
#define HTTP_PARALLEL 8
/* and so many of http_do_all(): small servers keep no more than five callers waiting. */
#define HTTP_TOGETHER 4
/* More redirects than this are nobody's honest reply. */
#define HTTP_REDIRECTS 3
#define HTTP_URL_MAX 2048

struct http_request {
	const char *method;      /* "GET"; also meant by NULL */
	const char *url;
	const char *const *headers; /* "Name: value", NULL-terminated, or NULL */
	const void *body;        /* or NULL */
	size_t body_len;
	int timeout_ms;          /* for the whole request; there is none without one */
	int connect_ms;          /* of it, until a connection is there; 0: all of it */
	size_t max_bytes;        /* of the reply's body; 0: 4 MiB, or no limit with chunk */
	/* Called with pieces of the body as they come, instead of collecting them, whatever the
	 * status; return false to stop, which is no error. */
	bool (*chunk)(void *arg, const char *data, size_t len);
	void *arg;
	/* For a URL that somebody wrote: follow up to HTTP_REDIRECTS of the same scheme (http_do()
	 * alone, GET alone; the headers are for the first host only). */
	bool follow;
	/* Refuse (-ECANCELED) to connect to this machine, a link-local address or a metadata
	 * service, whatever name leads there, on every hop (guard.h). */
	bool public_only;
	const char *interface; /* leave by this one, or NULL */
	bool from_low_port;    /* from a port below 1024, which only root can */
	struct buf *reply_headers; /* gets the lines of the last reply's headers, or NULL */
};

/* One of several requests at once, and what came of it. */
struct http_call {
	const struct http_request *req;
	struct buf *body; /* or NULL; appended to on success alone */
	long status;
	int result; /* as http_do() returns */
	struct error err;
	char redirect[HTTP_URL_MAX]; /* where the reply sends us, "" for nowhere; cut when longer */
};

int http_new(struct http **ret, struct error *err) MUST_CHECK;
void http_free(struct http *h);
DEFINE_AUTO(struct http, http_free);
/* Do it. *ret_status is the HTTP status, whatever it is (a 404 and a redirect are no error here).
 * The body is appended to *ret_body (NULL: dropped), which a failure leaves as it was. -EAGAIN: not
 * reachable, refused, reset, or the reply ended early; -ETIMEDOUT; -E2BIG; -EPROTO: not HTTP, or a
 * certificate that is not trusted. No proxy, http and https only. Messages name the URL without
 * user, password and query, which may be secrets. */
int http_do(struct http *h, const struct http_request *req, long *ret_status, struct buf *ret_body,
	    struct error *err) MUST_CHECK;
/* Do all of them, HTTP_TOGETHER side by side, on connections that are kept; ends when the last one
 * has. */
void http_do_all(struct http *h, struct http_call *calls, size_t n);
/* The same at once to several places: the first that answers, whatever the status, ends it. Returns
 * its index, or n when none did; the others' results are failures. At most HTTP_PARALLEL. */
size_t http_race(struct http *h, struct http_call *calls, size_t n);
/* The value of a header in what reply_headers got, copied to `to` ("" and false when it is not
 * there); the name's case does not count. */
bool http_header(const struct buf *headers, const char *name, char *to, size_t size);

/* For the clients alone: it has a timeout, and no header holds a line break; 0 or -EINVAL. */
int http_request_check(const struct http_request *req, struct error *err) MUST_CHECK;
/* Bytes that its reply's body may have. */
size_t http_request_max(const struct http_request *req);
