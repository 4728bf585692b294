/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One request, with its tries.
 */
#include <errno.h>
#include <string.h>

#include "agent/modules/ask.h"
#include "lib/clock.h"
#include "lib/http/http.h"
#include "lib/http/retry.h"

#define ATTEMPT_MS  10000
#define HEADERS_MAX 32

static int check_url(const struct module_ctx *c, const struct ask_request *w, struct error *err)
{
	if (!module_is_line(w->url) || strpbrk(w->url, " \"'<>") || strlen(w->url) >= HTTP_URL_MAX)
		return error_set(err, EINVAL, "this is no URL");
	if (!strncmp(w->url, "https://", 8))
		return 0;
	if (strncmp(w->url, "http://", 7) != 0)
		return error_set(err, ECANCELED, "only http:// and https:// are fetched");
	if (doc_bool(c->config, "rancher.cloud_init.require_tls", false))
		return error_set(err, ECANCELED,
				 "plain http is refused by rancher.cloud_init.require_tls");
	doc_say(c->pool, false, w->at,
		"this goes by plain http, which anyone on the way can read and change (use "
		"https://)");
	return 0;
}

/* "Name: value" lines from the map. */
static int make_headers(const struct module_ctx *c, const struct ask_request *w,
			const char *lines[HEADERS_MAX + 2], struct error *err)
{
	size_t n = 0;

	if (w->post)
		lines[n++] = "Content-Type: application/x-www-form-urlencoded";
	for (size_t i = 0; w->headers && w->headers->kind == DOC_MAP && i < w->headers->len; i++) {
		const struct doc_pair *p = &w->headers->pairs[i];
		const char *value = module_text(p->val);
		AUTO_BUF struct buf line = BUF_WITH_LIMIT(8192);

		if (n > HEADERS_MAX || !value || !module_is_line(value) ||
		    !module_is_line(p->key) || strpbrk(p->key, ": ") || !*p->key)
			return error_set(err, EINVAL, "a header is NAME: VALUE, on one line");
		buf_fmt(&line, "%s: %s", p->key, value);
		lines[n++] = doc_strdup(c->pool, buf_text(&line), line.len);
		if (!lines[n - 1])
			return error_set(err, ENOMEM, "headers");
	}
	lines[n] = NULL;
	return 0;
}

int ask_do(const struct module_ctx *c, const struct ask_request *w, struct error *err)
{
	AUTO(http_free) struct http *http = NULL;
	const char *lines[HEADERS_MAX + 2];
	struct http_request req = { .url = w->url,
				    .method = w->post ? "POST" : "GET",
				    .headers = lines,
				    .body = w->post,
				    .body_len = w->post ? strlen(w->post) : 0,
				    .max_bytes = w->max_bytes,
				    .follow = !w->post,
				    .public_only = !c->allow_loopback };
	const struct http_retry retry = {
		.deadline = clock_ms() + (int64_t)w->tries * (ATTEMPT_MS + w->pause_ms),
		.attempt_ms = ATTEMPT_MS,
		.pause_ms = w->pause_ms,
		.pause_max_ms = w->pause_ms,
		.wake_fd = -1,
	};
	long status = 0;
	int r = check_url(c, w, err);

	if (r == 0)
		r = make_headers(c, w, lines, err);
	if (r == 0)
		r = http_new(&http, err);
	if (r == 0)
		r = http_retry(http, &req, &retry, &status, w->reply, err);
	if (r == 0 && (status < 200 || status > 299))
		r = error_set(err, EPROTO, "the server says HTTP %ld", status);
	return r;
}
