/* SPDX-License-Identifier: Apache-2.0 */
/*
 * URLs as text.
 */
#include "lib/http/url.h"

#include <string.h>
#include <strings.h>

/* Longer ones are cut in messages. */
#define SHOWN_MAX 208

void url_public(const char *url, struct buf *ret)
{
	const char *scheme = strstr(url, "://");
	const char *host = scheme ? scheme + 3 : url;
	/* A password may hold an @ itself: the last one counts. */
	const char *at = memrchr(host, '@', strcspn(host, "/?#"));

	buf_add(ret, url, (size_t)(host - url));
	host = at ? at + 1 : host;
	buf_add(ret, host, strcspn(host, "?#"));
}

int url_wrap(struct error *err, int r, const char *method, const char *url, const char *socket)
{
	AUTO_BUF struct buf shown = { 0 };

	url_public(url, &shown);
	return error_wrap(err, r, "%s %.*s%s%s", method ? method : "GET", SHOWN_MAX,
			  buf_text(&shown), socket ? " at " : "", socket ? socket : "");
}

bool url_same_scheme(const char *a, const char *b)
{
	return strncasecmp(a, b, strcspn(a, ":") + 1) == 0;
}

/* Scheme, host and port. */
static size_t origin_len(const char *url)
{
	const char *host = strstr(url, "://");

	return host ? (size_t)(host + 3 - url) + strcspn(host + 3, "/?#") : 0;
}

bool url_same_origin(const char *a, const char *b)
{
	size_t n = origin_len(a);

	return n && n == origin_len(b) && strncasecmp(a, b, n) == 0;
}
