/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trying again.
 */
#include "lib/http/retry.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "lib/clock.h"

/* Nobody means more than a day. */
#define AFTER_MAX (24 * 3600)

static bool is_worth_it(long status, const long *also)
{
	if (status == 408 || status == 429 || (status >= 500 && status < 600))
		return true;
	for (; also && *also; also++)
		if (*also == status)
			return true;
	return false;
}

int64_t http_retry_after(const char *value, int64_t now)
{
	struct tm tm = { 0 };
	char *end;
	long long n = strtoll(value, &end, 10);

	if (end == value || *end) {
		end = strptime(value, "%a, %d %b %Y %H:%M:%S GMT", &tm);
		n = end && !*end ? (long long)timegm(&tm) - now : 1;
	}
	if (n < 1)
		return 1;
	return n < AFTER_MAX ? n : AFTER_MAX;
}

/* What came over the wake descriptor is not our business, only that it came. */
void http_retry_pause(const struct http_retry *retry, int64_t until)
{
	struct pollfd p = { .fd = retry->wake_fd, .events = POLLIN };
	char drop[4096];

	if (poll(&p, 1, clock_left_ms(until)) <= 0)
		return;
	while (recv(retry->wake_fd, drop, sizeof(drop), MSG_DONTWAIT) > 0)
		;
}

struct attempt {
	int64_t start;
	int64_t pause_ms;
	unsigned n;
};

/* When the next try may begin: after a pause that doubles, or by the server's word. What it asks
 * for beyond the deadline is cut to half of the time that is left: its word alone ends nothing, and
 * it is not asked often. */
static int64_t next_try(const struct http_retry *retry, struct attempt *a,
			const struct buf *headers)
{
	char after[64];
	int64_t now = clock_ms(), ask;

	if (a->n > 1)
		a->pause_ms *= 2;
	if (a->pause_ms > retry->pause_max_ms)
		a->pause_ms = retry->pause_max_ms;
	if (!http_header(headers, "Retry-After", after, sizeof(after)))
		return now + a->pause_ms;
	ask = 1000 * http_retry_after(after, time(NULL));
	if (now + ask >= retry->deadline)
		ask = (retry->deadline - now) / 2;
	return now + (ask > a->pause_ms ? ask : a->pause_ms);
}

static int give_up(const struct attempt *a, int r, struct error *err)
{
	if (r < 0 && a->n > 1)
		return error_wrap(err, r, "%u tries in %lld s", a->n,
				  (long long)(clock_ms() - a->start + 500) / 1000);
	return r;
}

int http_retry(struct http *h, const struct http_request *req, const struct http_retry *retry,
	       long *ret_status, struct buf *ret_body, struct error *err)
{
	struct attempt a = { .start = clock_ms(), .pause_ms = retry->pause_ms };
	AUTO_BUF struct buf own = { 0 };
	struct http_request try = *req;

	if (!try.reply_headers)
		try.reply_headers = &own;
	for (;;) {
		AUTO_BUF struct buf body = { 0 };
		int left = clock_left_ms(retry->deadline), r;
		int64_t next;

		error_reset(err);
		buf_reset(try.reply_headers);
		try.timeout_ms = left < retry->attempt_ms ? left : retry->attempt_ms;
		if (try.timeout_ms < 1)
			try.timeout_ms = 1;
		a.n++;
		r = http_do(h, &try, ret_status, &body, err);
		if (r < 0 ? r != -EAGAIN && r != -ETIMEDOUT :
			    !is_worth_it(*ret_status, retry->also)) {
			if (r == 0 && ret_body)
				buf_add(ret_body, buf_text(&body), body.len);
			return r == 0 && ret_body ? buf_check(ret_body, err) : give_up(&a, r, err);
		}
		next = next_try(retry, &a, try.reply_headers);
		if (next >= retry->deadline)
			return give_up(&a, r, err);
		http_retry_pause(retry, next);
	}
}
