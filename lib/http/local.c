/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns a connection to a unix socket and what is sent over it, one request at a time.
 */
#include "lib/http/local.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/http/local_talk.h"
#include "lib/http/url.h"
#include "lib/scope.h"

int http_local_new(const char *socket, struct http_local **ret, struct error *err)
{
	struct http_local *l = calloc(1, sizeof(*l));

	if (!l)
		return error_set(err, ENOMEM, "no memory for a connection");
	l->fd = -1;
	l->address.sun_family = AF_UNIX;
	if (strlen(socket) >= sizeof(l->address.sun_path)) {
		free(l);
		return error_set(err, ENAMETOOLONG, "%s: too long for a socket", socket);
	}
	memcpy(l->address.sun_path, socket, strlen(socket) + 1);
	*ret = l;
	return 0;
}

static void hang_up(struct http_local *l)
{
	if (l->fd >= 0)
		(void)close(l->fd);
	l->fd = -1;
	l->used = false;
	l->at = l->len = 0;
}

void http_local_free(struct http_local *l)
{
	if (!l)
		return;
	hang_up(l);
	free(l);
}

static int connect_to(struct http_local *l, struct error *err)
{
	AUTO_CLOSE int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return error_sys(err, errno, "socket");
	/* It is there at once, or not: a unix socket has nothing to wait for. */
	if (connect(fd, (const struct sockaddr *)&l->address, sizeof(l->address)) < 0)
		return error_set(err, EAGAIN, "connect: %s", strerror(errno));
	l->fd = TAKE_FD(fd);
	return 0;
}

int local_await(const struct talk *t, short events, struct error *err)
{
	struct pollfd pfd = { .fd = t->l->fd, .events = events };
	const int left = clock_left_ms(t->deadline);
	int r;

	do
		r = left ? poll(&pfd, 1, clock_left_ms(t->deadline)) : 0;
	while (r < 0 && errno == EINTR);
	if (r == 0)
		return error_set(err, ETIMEDOUT, "no answer within %.1f s",
				 t->req->timeout_ms / 1000.0);
	return r < 0 ? error_sys(err, errno, "poll") : 0;
}

static int send_all(struct talk *t, const char *data, size_t len, struct error *err)
{
	int r;

	while (len) {
		ssize_t n;

		r = local_await(t, POLLOUT, err);
		if (r < 0)
			return r;
		n = send(t->l->fd, data, len, MSG_NOSIGNAL);
		if (n >= 0) {
			data += n;
			len -= (size_t)n;
		} else if (errno == EPIPE || errno == ECONNRESET) {
			t->unheard = true;
			return error_set(err, EAGAIN, "send: %s", strerror(errno));
		} else if (errno != EAGAIN && errno != EINTR) {
			return error_sys(err, errno, "send");
		}
	}
	return 0;
}

static int send_request(struct talk *t, struct error *err)
{
	AUTO_BUF struct buf head = BUF_WITH_LIMIT(LOCAL_HEAD_MAX);
	const struct http_request *req = t->req;
	int r;

	buf_fmt(&head, "%s %s HTTP/1.1\r\nHost: docker\r\n", req->method, req->url);
	for (size_t i = 0; req->headers && req->headers[i]; i++)
		buf_fmt(&head, "%s\r\n", req->headers[i]);
	/* Others than GET always say how long their body is, also when there is none. */
	if (req->body || strcmp(req->method, "GET") != 0)
		buf_fmt(&head, "Content-Length: %zu\r\n", req->body ? req->body_len : 0);
	buf_str(&head, "\r\n");
	r = buf_check(&head, err);
	if (r == 0)
		r = send_all(t, buf_text(&head), head.len, err);
	if (r == 0 && req->body)
		r = send_all(t, req->body, req->body_len, err);
	return r;
}

/* Whether a kept connection has nothing to say, as it must be between two requests. */
static bool is_quiet(const struct http_local *l)
{
	char c;

	return recv(l->fd, &c, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

/* On the connection that there is, or a new one. */
static int converse(struct talk *t, struct framing *f, struct error *err)
{
	struct http_local *l = t->l;
	int sent, r = 0;

	if (l->fd >= 0 && !is_quiet(l))
		hang_up(l);
	if (l->fd < 0)
		r = connect_to(l, err);
	if (r < 0)
		return r;
	sent = send_request(t, err);
	if (sent < 0 && !t->unheard)
		return sent;
	/* Whoever hung up while we spoke may have said the reason before. */
	r = local_reply_head(t, f, err);
	f->keep = f->keep && sent == 0;
	return r < 0 ? r : local_reply_body(t, f, err);
}

/* A kept connection may end while we ask. What was not read, or only looks, is asked again. */
static int converse_again(struct talk *t, struct framing *f, struct error *err)
{
	const bool kept = t->l->used;
	struct error why = { 0 };
	int r = converse(t, f, &why);

	if (r == -EAGAIN && kept && !t->heard && (t->unheard || !strcmp(t->req->method, "GET"))) {
		hang_up(t->l);
		t->unheard = false;
		return converse(t, f, err);
	}
	if (r < 0 && err)
		*err = why;
	return r;
}

static int check_request(const struct http_request *req, struct error *err)
{
	if (!req->method || req->url[0] != '/' || strpbrk(req->url, " \r\n"))
		return error_set(err, EINVAL, "not a method and a path");
	return http_request_check(req, err);
}

int http_local_do(struct http_local *l, const struct http_request *req, long *ret_status,
		  struct buf *ret_body, struct error *err)
{
	const size_t max = http_request_max(req);
	AUTO_BUF struct buf body = BUF_WITH_LIMIT(max);
	struct talk t = { .l = l, .req = req, .left = max, .body = ret_body ? &body : NULL,
			  .deadline = clock_ms() + req->timeout_ms };
	struct framing f = { 0 };
	int r = check_request(req, err);

	if (r == 0)
		r = converse_again(&t, &f, err);
	if (r == 0)
		r = buf_check(&body, err);
	l->used = true;
	/* What is left in the middle would be taken for the next reply. */
	if (r < 0 || t.stopped || !f.keep || l->at != l->len)
		hang_up(l);
	if (r == 0 && ret_body) {
		buf_add(ret_body, buf_text(&body), body.len);
		r = buf_check(ret_body, err);
	}
	if (r < 0)
		return url_wrap(err, r, req->method, req->url, l->address.sun_path);
	*ret_status = f.status;
	return 0;
}
