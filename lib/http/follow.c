/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One request, with the redirects that it may follow: each hop is a request of its own, checked
 * like the first.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lib/http/http.h"
#include "lib/http/url.h"

static bool is_redirect(long status)
{
	return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* Where a redirect leads: only to the same scheme, and other hosts get no headers of ours. */
static int next_hop(struct http_request *hop, const char *to, char url[HTTP_URL_MAX],
		    struct error *err)
{
	if (!to[0] || strlen(to) >= HTTP_URL_MAX - 1)
		return error_set(err, EPROTO, "a redirect to nowhere");
	if (!url_same_scheme(hop->url, to))
		return error_set(err, ECANCELED, "a redirect to %.*s// is not followed",
				 (int)strcspn(to, "/"), to);
	if (!url_same_origin(hop->url, to))
		hop->headers = NULL;
	(void)snprintf(url, HTTP_URL_MAX, "%s", to);
	hop->url = url;
	return 0;
}

static int follow(struct http *h, struct http_request *hop, struct http_call *call,
		  struct error *err)
{
	char url[HTTP_URL_MAX];

	for (unsigned n = 0;; n++) {
		int r;

		buf_reset(call->body);
		http_do_all(h, call, 1);
		if (call->result < 0)
			return error_set(err, -call->result, "%s", call->err.msg);
		if (!is_redirect(call->status))
			return 0;
		if (n == HTTP_REDIRECTS)
			r = error_set(err, ELOOP, "more than %d redirects", HTTP_REDIRECTS);
		else
			r = next_hop(hop, call->redirect, url, err);
		if (r < 0)
			return url_wrap(err, r, NULL, hop->url, NULL);
		call->redirect[0] = '\0';
	}
}

int http_do(struct http *h, const struct http_request *req, long *ret_status, struct buf *ret_body,
	    struct error *err)
{
	struct http_request hop = *req;
	AUTO_BUF struct buf body = { 0 };
	struct http_call call = { .req = &hop, .body = ret_body };
	int r;

	if (!req->follow || (req->method && strcmp(req->method, "GET") != 0)) {
		http_do_all(h, &call, 1);
		if (call.result < 0)
			return error_set(err, -call.result, "%s", call.err.msg);
		*ret_status = call.status;
		return 0;
	}
	call.body = &body;
	r = follow(h, &hop, &call, err);
	if (r < 0)
		return r;
	*ret_status = call.status;
	if (!ret_body)
		return 0;
	buf_add(ret_body, buf_text(&body), body.len);
	return buf_check(ret_body, err);
}
