/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fetches addresses that somebody wrote.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "datasource/user_url.h"
#include "lib/clock.h"

#define ATTEMPT_MS 10000
/* Pauses between attempts: doubled each time. */
#define PAUSE_FIRST_MS 100
#define PAUSE_MAX_MS   5000

int64_t user_url_deadline(const struct datasource_ctx *c)
{
	int64_t deadline = 0;

	/* Without a network, asking fails, and says why. */
	(void)!datasource_online(c, &deadline, NULL);
	return deadline;
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

int user_url_check(const struct datasource_ctx *c, const char *url, struct datasource_payload *ret,
		   struct error *err)
{
	bool tls = !strncmp(url, "https://", 8);

	if (!tls && strncmp(url, "http://", 7) != 0)
		return error_set(err, EPROTONOSUPPORT, "it is neither http:// nor https://");
	note_where(url, ret);
	if (tls)
		return 0;
	if (c->require_tls)
		return error_set(err, ECANCELED,
				 "plain http is refused by rancher.cloud_init.require_tls (use "
				 "https://)");
	(void)snprintf(ret->warning, sizeof(ret->warning),
		       "it comes by plain http, which anyone on the way can change (use "
		       "https://)");
	return 0;
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

int user_url_get(struct http *h, const char *url, int64_t deadline, struct buf *b,
		 struct error *err)
{
	struct http_request req = { .url = url, .max_bytes = DATASOURCE_FILE_MAX, .follow = true };
	int pause = PAUSE_FIRST_MS, r;
	long status = 0;

	do {
		int left = clock_left_ms(deadline);

		req.timeout_ms = left < ATTEMPT_MS ? left + 1 : ATTEMPT_MS;
		buf_reset(b);
		r = http_do(h, &req, &status, b, err);
		if (!is_worth_another(r, status))
			break;
		pause = pause < PAUSE_MAX_MS / 2 ? 2 * pause : PAUSE_MAX_MS;
	} while (pause_for(pause, deadline));
	if (r < 0)
		return r;
	if (status == 200)
		return 0;
	buf_reset(b);
	if (status == 404 || status == 410)
		return error_set(err, ENOENT, "it is not there (HTTP %ld)", status);
	return error_set(err, is_worth_another(0, status) ? EAGAIN : EPROTO,
			 "the server says HTTP %ld", status);
}
