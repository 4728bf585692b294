/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Includes: limits, the cache, and the request.
 */
#include "agent/userdata/include.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "agent/config/config.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "lib/hash.h"
#include "lib/http/retry.h"
#include "lib/http/url.h"

/* So many URLs in all, so long for all of them, for one of them and for one try. */
#define INCLUDES_MAX 32
#define TOTAL_MS     30000
#define ONE_MS	     10000
#define ATTEMPT_MS   5000
#define BODY_MAX     (4u << 20)
#define URL_MAX	     2048

/* --- the cache: "URL\n" and the body --- */

static void path_of(const struct include *inc, const char *url, char *path, size_t size)
{
	const char *id = inc->instance_id ? inc->instance_id : "";

	(void)snprintf(path, size, INCLUDE_DIR "/%016" PRIx64 "/%016" PRIx64,
		       hash_text(id, strlen(id)), hash_text(url, strlen(url)));
}

/* The kept body of this very URL; false when there is none. */
static bool load(const struct include *inc, const char *url, struct buf *out)
{
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(BODY_MAX + URL_MAX);
	size_t len = strlen(url);
	char path[256];

	path_of(inc, url, path, sizeof(path));
	if (file_read(inc->root, path, &b, NULL) < 0 || b.len <= len || b.data[len] != '\n' ||
	    memcmp(b.data, url, len) != 0)
		return false;
	buf_add(out, b.data + len + 1, b.len - len - 1);
	return !out->failed;
}

static int save(const struct include *inc, const char *url, const char *body, size_t len,
		struct error *err)
{
	const struct file_attr attr = {
		.mode = 0600, .uid = geteuid(), .gid = getegid(), .relaxed = true
	};
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(BODY_MAX + URL_MAX);
	char path[256];
	int r;

	if (inc->dry)
		return 0;
	path_of(inc, url, path, sizeof(path));
	buf_fmt(&b, "%s\n", url);
	buf_add(&b, body, len);
	r = buf_check(&b, err);
	if (r == 0)
		r = file_mkdir(inc->root, INCLUDE_DIR, 0700, err);
	return r < 0 ? r : file_publish(inc->root, path, b.data, b.len, &attr, NULL, err);
}

/* --- the request --- */

const char *include_label(struct doc_pool *p, const char *url)
{
	AUTO_BUF struct buf b = { 0 };
	const char *label;

	url_public(url, &b);
	label = doc_strdup(p, buf_text(&b), b.len);
	return label ? label : "include";
}

/* The machine's own configuration says so; its messages are not ours. */
static bool requires_tls(int root)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	const struct doc_node *config = NULL;

	if (doc_pool_new(&p, NULL) < 0 || config_load(root, p, &config, NULL) < 0)
		return false;
	return doc_bool(config, "rancher.cloud_init.require_tls", false);
}

static int check_url(const struct include *inc, struct doc_pool *p, struct doc_origin at,
		     const char *url, struct error *err)
{
	bool tls = !strncasecmp(url, "https://", 8);

	if (!tls && strncasecmp(url, "http://", 7) != 0)
		return error_set(err, ECANCELED,
				 "%.100s: only http:// and https:// can be included",
				 include_label(p, url));
	if (strlen(url) >= URL_MAX)
		return error_set(err, E2BIG, "a URL of more than %d characters", URL_MAX);
	for (const char *s = url; *s; s++)
		if ((unsigned char)*s <= ' ' || *s == 0x7f)
			return error_set(err, EBADMSG, "a blank or control character in a URL");
	if (!tls && requires_tls(inc->root))
		return error_set(err, ECANCELED,
				 "%s is not encrypted, and rancher.cloud_init.require_tls is set",
				 include_label(p, url));
	if (!tls)
		doc_say(p, false, at,
			"%s is fetched without encryption: whoever is on the way can change it "
			"(use https)",
			include_label(p, url));
	return 0;
}

static int prepare(struct include *inc, struct error *err)
{
	int r = inc->network && !inc->n ? inc->network(inc->network_arg, err) : 0;

	if (r < 0)
		return r;
	if (++inc->n > INCLUDES_MAX)
		return error_set(err, E2BIG, "more than %d URLs are included", INCLUDES_MAX);
	if (!inc->deadline)
		inc->deadline = clock_ms() + TOTAL_MS;
	if (clock_ms() >= inc->deadline)
		return error_set(err, ETIMEDOUT,
				 "includes took more than %d s: the rest is left out",
				 TOTAL_MS / 1000);
	return inc->http ? 0 : http_new(&inc->http, err);
}

/* Whoever has a copy to fall back to tries once. */
static int get(struct include *inc, struct doc_pool *p, const char *url, bool has_copy,
	       struct buf *out, struct error *err)
{
	const struct http_request req = { .url = url,
					  .max_bytes = BODY_MAX,
					  .follow = true,
					  .public_only = !inc->allow_loopback };
	struct http_retry retry = { .deadline = clock_ms() + (has_copy ? ATTEMPT_MS : ONE_MS),
				    .attempt_ms = ATTEMPT_MS,
				    .pause_ms = has_copy ? ATTEMPT_MS : 500,
				    .pause_max_ms = has_copy ? ATTEMPT_MS : 4000,
				    .wake_fd = -1 };
	long status = 0;
	int r;

	if (retry.deadline > inc->deadline)
		retry.deadline = inc->deadline;
	r = http_retry(inc->http, &req, &retry, &status, out, err);
	if (r == 0 && status != 200)
		return error_set(err, status == 404 ? ENOENT : EAGAIN, "%s: the server answers %ld",
				 include_label(p, url), status);
	return r;
}

int include_fetch(struct include *inc, struct doc_pool *p, struct doc_origin at, const char *url,
		  bool once, struct buf *out, struct error *err)
{
	AUTO_BUF struct buf copy = BUF_WITH_LIMIT(BODY_MAX), body = BUF_WITH_LIMIT(BODY_MAX);
	bool have = load(inc, url, &copy);
	struct error why = { 0 };
	int r = check_url(inc, p, at, url, err);

	if (r < 0)
		return r;
	if (have && once) {
		buf_add(out, copy.data, copy.len);
		return buf_check(out, err);
	}
	r = prepare(inc, err);
	if (r == 0)
		r = get(inc, p, url, have, &body, err);
	if (r == 0) {
		buf_add(out, buf_text(&body), body.len);
		if (save(inc, url, buf_text(&body), body.len, &why) < 0)
			doc_say(p, false, at, "the included text cannot be kept: %s", why.msg);
		return buf_check(out, err);
	}
	/* Only a server that does not answer is stood in for: a refusal stays one. */
	if (!have || (r != -EAGAIN && r != -ETIMEDOUT))
		return r;
	doc_say(p, false, at, "%s (the copy of an earlier boot is used)", err->msg);
	error_reset(err);
	buf_add(out, copy.data, copy.len);
	return buf_check(out, err);
}

void include_done(struct include *inc)
{
	http_free(inc->http);
	inc->http = NULL;
}
