/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP/1.1 (RFC 9112) on a unix socket, which is how Docker daemons are asked. libcurl can do it
 * too; but on the way to user Docker its thirty libraries cost more than all that is asked
 * (docs/decisions.md).
 *
 * Of struct http_request it takes method, url (the path and query alone), headers, body,
 * timeout_ms, max_bytes and chunk; other fields must be empty.
 */
#pragma once

#include "lib/http/http.h"

struct http_local; /* one connection, kept from request to request; belongs to one thread */

/* Connects with the first request. `socket` is copied. */
int http_local_new(const char *socket, struct http_local **ret, struct error *err) MUST_CHECK;
void http_local_free(struct http_local *l);
DEFINE_AUTO(struct http_local, http_local_free);
/* As http_do(): the same results, whatever the status, with messages that name request and socket.
 * What a daemon that hung up on a kept connection did not read is asked again on a new one. */
int http_local_do(struct http_local *l, const struct http_request *req, long *ret_status,
		  struct buf *ret_body, struct error *err) MUST_CHECK;
