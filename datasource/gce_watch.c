/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Google's metadata while the machine runs.
 */
#include "datasource/gce_watch.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "datasource/gce_keys.h"
#include "lib/clock.h"
#include "lib/http/retry.h"

#define BASE "/computeMetadata/v1/"
#define ALL_MAX (4u << 20)
/* An answer that was held back comes a little after its time. */
#define SLACK_MS 10000
#define PUT_MS 5000
/* What is asked for when nothing is known: no metadata has this etag. */
#define NO_ETAG "NONE"

static const struct web_service service = {
	.base = { "http://169.254.169.254", "http://[fd20:ce::254]" },
	.attempt_ms = 3600 * 1000, /* each request's deadline counts */
	.reply_header = "Metadata-Flavor: Google",
};

int gce_watch_open(const struct datasource_ctx *c, struct gce_watch *ret, struct error *err)
{
	int r;

	*ret = (struct gce_watch){ .etag = NO_ETAG };
	r = web_open(c, &service, &ret->web, err);
	if (r < 0)
		return r;
	web_set_header(&ret->web, 0, "Metadata-Flavor: Google");
	web_set_header(&ret->web, 1, "Host: metadata.google.internal");
	return 0;
}

void gce_watch_close(struct gce_watch *w)
{
	web_close(&w->web);
	doc_pool_free(w->pool);
	w->pool = NULL;
	w->doc = NULL;
}

static bool is_etag(const char *text)
{
	for (const char *s = text; *s; s++)
		if (!isalnum((unsigned char)*s) && !strchr("-_.", *s))
			return false;
	return *text != '\0';
}

/* Take an answer in place of the last one. */
static int take(struct gce_watch *w, const struct buf *body, const struct buf *headers,
		struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *pool = NULL;
	const struct doc_node *doc = NULL;
	char etag[GCE_WATCH_ETAG];
	int r;

	if (!http_header(headers, "ETag", etag, sizeof(etag)) || !is_etag(etag))
		return error_set(err, EPROTO,
				 "%s: the reply has no ETag: changes cannot be waited for",
				 web_base(&w->web));
	r = doc_pool_new(&pool, err);
	if (r == 0)
		r = doc_json_parse(pool, "metadata", buf_text(body), body->len, &doc, err);
	if (r < 0)
		return r;
	doc_pool_free(w->pool);
	w->pool = TAKE_PTR(pool);
	w->doc = doc;
	(void)snprintf(w->etag, sizeof(w->etag), "%s", etag);
	return 0;
}

int gce_watch_next(struct gce_watch *w, int seconds, struct error *err)
{
	AUTO_BUF struct buf body = BUF_WITH_LIMIT(ALL_MAX), headers = BUF_WITH_LIMIT(64u << 10);
	char path[256 + GCE_WATCH_ETAG];
	const struct web_request req = { .path = path, .max_bytes = ALL_MAX,
					 .reply_headers = &headers };
	long status = 0;
	int r;

	(void)snprintf(path, sizeof(path),
		       BASE "?recursive=true&alt=json&wait_for_change=true&timeout_sec=%d&"
			    "last_etag=%s",
		       seconds, w->doc ? w->etag : NO_ETAG);
	w->web.deadline = clock_ms() + 1000LL * seconds + SLACK_MS;
	r = web_do(&w->web, &req, &status, &body, err);
	if (r == 0)
		r = web_judge(&w->web, NULL, BASE, status, err);
	return r == 0 ? take(w, &body, &headers, err) : r;
}

time_t gce_watch_keys(const struct gce_watch *w, time_t now, struct meta *ret)
{
	return gce_keys_collect(doc_at(w->doc, "instance.attributes"),
				doc_at(w->doc, "project.attributes"), now, ret);
}

void gce_watch_pause(const struct gce_watch *w, int seconds)
{
	const struct http_retry pause = { .wake_fd = w->web.wake };

	http_retry_pause(&pause, clock_ms() + 1000LL * seconds);
}

int gce_watch_put(struct gce_watch *w, const char *name, const char *value, struct error *err)
{
	char path[256];
	const struct web_request req = { .method = "PUT", .path = path, .body = value,
					 .body_len = strlen(value) };
	AUTO_BUF struct buf body = { 0 };
	long status = 0;
	int r;

	(void)snprintf(path, sizeof(path), BASE "instance/guest-attributes/%s", name);
	w->web.deadline = clock_ms() + PUT_MS;
	r = web_do(&w->web, &req, &status, &body, err);
	if (r == 0 && (status < 200 || status > 299))
		r = web_judge(&w->web, "PUT", path, status, err);
	return r;
}
