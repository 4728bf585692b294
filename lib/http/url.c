/* SPDX-License-Identifier: Apache-2.0 */
/*
 * URLs as text.
 */
#include "lib/http/url.h"

#include <string.h>
#include <strings.h>

int url_wrap(struct error *err, int r, const char *method, const char *url, const char *socket)
{
	const char *scheme = strstr(url, "://");
	const char *host = scheme ? scheme + 3 : url;
	size_t len = strcspn(host, "/?#");

	for (size_t i = len; i > 0; i--) {
		if (host[i - 1] == '@') {
			host += i;
			len -= i;
			break;
		}
	}
	len += host[len] == '/' ? strcspn(host + len, "?#") : 0;
	return error_wrap(err, r, "%s %.*s%.*s%s%s", method ? method : "GET",
			  scheme ? (int)(scheme + 3 - url) : 0, url,
			  len < 200 ? (int)len : 200, host, socket ? " at " : "",
			  socket ? socket : "");
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
