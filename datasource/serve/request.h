/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An HTTP/1.x request as bytes, taken apart. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "lib/attr.h"

/* Limits on hostile clients. */
#define SERVE_HEAD_MAX    16384
#define SERVE_BODY_MAX    65536
#define SERVE_HEADERS_MAX 64

struct serve_header {
	const char *name, *value;
};

struct serve_request {
	const char *method, *path, *query; /* query: "" when there is none */
	struct serve_header headers[SERVE_HEADERS_MAX];
	size_t n_headers;
	size_t head_len, body_len;
	bool keep_alive;
};

/* Take apart what lies in data[0..len), which is cut into strings in place. 1: a whole request, of
 * head_len + body_len bytes; 0: more is to come (the data are unchanged); -EBADMSG: not HTTP;
 * -E2BIG: beyond a limit. */
int serve_request_parse(char *data, size_t len, struct serve_request *ret) MUST_CHECK;
/* The first header of that name, in any case; NULL for none. */
const char *serve_request_header(const struct serve_request *r, const char *name);
/* The value of a query's part NAME=value, copied to `to`; false when there is none, or it is
 * longer. */
bool serve_request_value(const struct serve_request *r, const char *name, char *to, size_t size);
/* Whether the query has `word` ("recursive=true") as one of its parts. */
bool serve_request_asks(const struct serve_request *r, const char *word);
