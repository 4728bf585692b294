/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fetches a NoCloud seed over HTTP.
 */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "datasource/nocloud_line.h"
#include "datasource/seed_http.h"
#include "datasource/user_url.h"

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

static int get(const struct session *s, const char *file, struct buf *b, struct error *err)
{
	AUTO_BUF struct buf url = { 0 };
	int r = build_url(s, file, &url, err);

	if (r == 0)
		r = user_url_get(s->http, buf_text(&url), s->deadline, false, b, err);
	return r < 0 ? error_wrap(err, r, "%s", file) : 0;
}

/* A seed is all that a machine becomes, and comes before anything could be known of the network:
 * whoever answers first would own it. */
static int check_policy(const struct datasource_ctx *c, const char *seedfrom,
			struct datasource_payload *ret, struct error *err)
{
	int r = user_url_check(c, seedfrom, ret, err);

	if (r < 0 || c->allow_http_seed || !strncasecmp(seedfrom, "https://", 8))
		return r;
	return error_set(err, ECANCELED,
			 "plain http is refused for a seed, as anyone on the way can change it "
			 "(use https://, or say rancher.cloud_init.allow_http_seed on the kernel "
			 "line)");
}

int seed_http(const struct datasource_ctx *c, const char *seedfrom, struct datasource_payload *ret,
	      struct error *err)
{
	AUTO(http_free) struct http *http = NULL;
	struct session s = { .ctx = c, .seedfrom = seedfrom };
	int r = check_policy(c, seedfrom, ret, err);

	if (r == 0)
		r = datasource_online(c, &s.deadline, err);
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
