/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fetches addresses that somebody wrote.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "datasource/user_url.h"
#include "lib/http/retry.h"
#include "lib/http/url.h"

#define ATTEMPT_MS 10000
/* Pauses between attempts: doubled each time. */
#define PAUSE_FIRST_MS 100
#define PAUSE_MAX_MS   5000

int user_url_check(const struct datasource_ctx *c, const char *url, struct datasource_payload *ret,
		   struct error *err)
{
	bool tls = !strncasecmp(url, "https://", 8);
	AUTO_BUF struct buf where = { 0 };

	if (!tls && strncasecmp(url, "http://", 7) != 0)
		return error_set(err, EPROTONOSUPPORT, "it is neither http:// nor https://");
	url_public(url, &where);
	(void)snprintf(ret->where, sizeof(ret->where), "%.180s", buf_text(&where));
	if (tls)
		return 0;
	if (c->require_tls)
		return error_set(err, ECANCELED,
				 "plain http is refused by rancher.cloud_init.require_tls (use "
				 "https://)");
	datasource_warn(ret, "it comes by plain http, which anyone on the way can change (use "
			     "https://)");
	return 0;
}

static int judge(const char *url, long status, struct error *err)
{
	int code = status == 404 || status == 410		       ? ENOENT
		   : status == 408 || status == 429 || status >= 500 ? EAGAIN
								       : EPROTO;

	(void)error_set(err, code, "the server answers with HTTP %ld", status);
	return url_wrap(err, -code, NULL, url, NULL);
}

int user_url_get(struct http *h, const char *url, int64_t deadline, bool public_only,
		 struct buf *b, struct error *err)
{
	const struct http_request req = { .url = url,
					  .max_bytes = DATASOURCE_FILE_MAX,
					  .follow = true,
					  .public_only = public_only };
	const struct http_retry retry = { .deadline = deadline,
					  .attempt_ms = ATTEMPT_MS,
					  .pause_ms = PAUSE_FIRST_MS,
					  .pause_max_ms = PAUSE_MAX_MS,
					  .wake_fd = -1 };
	long status = 0;
	int r;

	buf_reset(b);
	r = http_retry(h, &req, &retry, &status, b, err);
	if (r < 0 || status == 200)
		return r;
	buf_reset(b);
	return judge(url, status, err);
}
