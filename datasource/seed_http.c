/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fetches a NoCloud seed over HTTP. Whoever names the address runs the machine (kernel line, DMI,
 * meta-data of a medium): plain http is accepted with a warning, unless TLS is required.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "datasource/nocloud_line.h"
#include "datasource/seed_http.h"
#include "lib/clock.h"
#include "lib/http/http.h"

/* All of it, when the context has no deadline. */
#define TOTAL_MS   60000
#define ATTEMPT_MS 10000
/* Pauses between attempts: doubled each time. */
#define PAUSE_FIRST_MS 100
#define PAUSE_MAX_MS   5000

struct session {
	const struct datasource_ctx *ctx;
	struct http *http;
	const char *seedfrom;
	int64_t deadline;
};

/* --url in place of scheme, host and port. */
static int build_url(const struct session *s, const char *file, struct buf *ret, struct error *err)
{
	AUTO_BUF struct buf url = { 0 };
	const char *host, *path, *base = s->ctx->base_url;
	int r = nocloud_line_url(s->ctx->machine->root, s->seedfrom, file, &url, err);
	size_t len;

	if (r < 0)
		return r;
	buf_done(ret);
	if (!base || base == s->seedfrom) {
		*ret = url;
		url = (struct buf){ 0 };
		return 0;
	}
	host = strstr(buf_text(&url), "://");
	path = host ? strchr(host + 3, '/') : NULL;
	len = strlen(base);
	buf_add(ret, base, len && base[len - 1] == '/' ? len - 1 : len);
	buf_str(ret, path ? path : "/");
	return buf_check(ret, err);
}

static bool is_worth_another(int r, long status)
{
	if (r < 0)
		return r == -EAGAIN || r == -ETIMEDOUT;
	return status == 408 || status == 429 || status >= 500;
}

/* False when the deadline comes first. */
static bool pause_for(int ms, int64_t deadline)
{
	struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L };

	if (clock_left_ms(deadline) <= ms)
		return false;
	(void)nanosleep(&t, NULL);
	return true;
}

/* -ENOENT when the server has no such file. */
static int get(const struct session *s, const char *file, struct buf *b, struct error *err)
{
	AUTO_BUF struct buf url = { 0 };
	struct http_request req = { .max_bytes = DATASOURCE_FILE_MAX, .follow = true };
	int pause = PAUSE_FIRST_MS, r = build_url(s, file, &url, err);
	long status = 0;

	if (r < 0)
		return r;
	req.url = buf_text(&url);
	do {
		int left = clock_left_ms(s->deadline);

		req.timeout_ms = left < ATTEMPT_MS ? left + 1 : ATTEMPT_MS;
		buf_reset(b);
		r = http_do(s->http, &req, &status, b, err);
		if (!is_worth_another(r, status))
			break;
		pause = pause < PAUSE_MAX_MS / 2 ? 2 * pause : PAUSE_MAX_MS;
	} while (pause_for(pause, s->deadline));
	if (r < 0)
		return r;
	if (status == 200)
		return 0;
	buf_reset(b);
	if (status == 404 || status == 410)
		return error_set(err, ENOENT, "no %s there (HTTP %ld)", file, status);
	return error_set(err, is_worth_another(0, status) ? EAGAIN : EPROTO,
			 "%s: the server says HTTP %ld", file, status);
}

/* The address without user, password and query, which may be secrets. */
static void note_where(const char *url, struct datasource_payload *ret)
{
	const char *host = strstr(url, "://") + 3;
	const char *at = memchr(host, '@', strcspn(host, "/?"));
	AUTO_BUF struct buf b = { 0 };

	buf_add(&b, url, (size_t)(host - url));
	host = at ? at + 1 : host;
	buf_add(&b, host, strcspn(host, "?"));
	(void)snprintf(ret->where, sizeof(ret->where), "%.180s", buf_text(&b));
}

static int check_scheme(const struct datasource_ctx *c, const char *url,
			struct datasource_payload *ret, struct error *err)
{
	if (!strncmp(url, "https://", 8))
		return 0;
	if (strncmp(url, "http://", 7) != 0)
		return error_set(err, EPROTONOSUPPORT, "it is neither http:// nor https://");
	if (c->require_tls)
		return error_set(err, ECANCELED,
				 "plain http is refused by rancher.cloud_init.require_tls (use "
				 "https://)");
	(void)snprintf(ret->warning, sizeof(ret->warning),
		       "the seed comes by plain http, which anyone on the way can change (use "
		       "https://)");
	return 0;
}

int seed_http(const struct datasource_ctx *c, const char *seedfrom, struct datasource_payload *ret,
	      struct error *err)
{
	AUTO(http_free) struct http *http = NULL;
	struct session s = { .ctx = c,
			     .seedfrom = seedfrom,
			     .deadline = c->deadline ? c->deadline : clock_ms() + TOTAL_MS };
	int r;

	note_where(seedfrom, ret);
	r = check_scheme(c, seedfrom, ret, err);
	if (r == 0)
		r = http_new(&http, err);
	s.http = http;
	for (int i = 0; r == 0 && i < DATASOURCE_N_PARTS; i++) {
		bool required = i == DATASOURCE_META_DATA || i == DATASOURCE_USER_DATA;

		r = get(&s, datasource_part_name(i), &ret->part[i], err);
		ret->has[i] = r == 0;
		if (r == -ENOENT && !required)
			r = 0;
	}
	if (r == -ENOENT) {
		err->code = ENODATA;
		return -ENODATA;
	}
	if (r == 0)
		error_reset(err);
	return r;
}
