/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What holds for every request, whichever client takes it. Pure.
 */
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "lib/http/http.h"

/* Of a reply's body that is collected. */
#define BODY_MAX (4u << 20)

int http_request_check(const struct http_request *req, struct error *err)
{
	if (req->timeout_ms <= 0)
		return error_set(err, EINVAL, "a request needs a timeout");
	for (size_t i = 0; req->headers && req->headers[i]; i++)
		if (strpbrk(req->headers[i], "\r\n"))
			return error_set(err, EINVAL, "a header with a line break");
	return 0;
}

size_t http_request_max(const struct http_request *req)
{
	if (req->max_bytes)
		return req->max_bytes;
	return req->chunk ? SIZE_MAX : BODY_MAX;
}
