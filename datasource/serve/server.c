/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connections, and the loop that serves them. A client that is slow, silent or too many costs a
 * place for a while, never the server.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "datasource/serve/server.h"
#include "lib/clock.h"
#include "lib/scope.h"

/* A client that says or takes nothing for so long is sent away. */
#define IDLE_MS 30000

struct client {
	int fd; /* -1: the place is free */
	struct buf in, out;
	size_t sent;
	bool close_after;
	int64_t deadline;
	int64_t hold_until; /* its request waits for a change of … */
	char hold_etag[20]; /* … this state; 0 */
};

/* --- one client --- */

static void drop(struct client *c)
{
	if (c->fd >= 0)
		(void)close(c->fd);
	buf_done(&c->in);
	buf_done(&c->out);
	*c = (struct client){ .fd = -1 };
}

static const char *reason(int status)
{
	static const struct {
		int status;
		const char *text;
	} rows[] = {
		{ 200, "OK" },
		{ 400, "Bad Request" },
		{ 401, "Unauthorized" },
		{ 403, "Forbidden" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 413, "Content Too Large" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].status == status)
			return rows[i].text;
	return "Internal Server Error";
}

static void write_reply(struct client *c, const struct serve_reply *r, bool head_only)
{
	buf_fmt(&c->out,
		"HTTP/1.1 %d %s\r\nServer: OcicatOS\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
		"%s%s%s%s%sConnection: %s\r\n\r\n",
		r->status, reason(r->status), r->type, r->body.len, r->header ? r->header : "",
		r->header ? "\r\n" : "", r->etag[0] ? "ETag: " : "", r->etag,
		r->etag[0] ? "\r\n" : "", c->close_after ? "close" : "keep-alive");
	if (!head_only)
		buf_add(&c->out, buf_text(&r->body), r->body.len);
}

static void refuse(struct client *c, int status)
{
	struct serve_reply r = { .status = status, .type = "text/plain" };

	c->close_after = true;
	write_reply(c, &r, false);
}

static void log_request(const struct server *s, const struct serve_request *req, int status)
{
	char line[1024];

	if (!s->log)
		return;
	/* The query may hold what is secret. */
	(void)snprintf(line, sizeof(line), "%s %s%s %d", req->method, req->path,
		       *req->query ? "?…" : "", status);
	s->log(s->arg, line);
}

/* Whether the reply must not be sent yet. */
static bool is_held(struct client *c, const struct serve_reply *r)
{
	if (!r->hold_ms)
		return false;
	if (!c->hold_until) {
		c->hold_until = clock_ms() + r->hold_ms;
		memcpy(c->hold_etag, r->etag, sizeof(c->hold_etag));
	}
	c->deadline = c->hold_until + IDLE_MS;
	return clock_left_ms(c->hold_until) > 0 && !strcmp(c->hold_etag, r->etag);
}

/* Answer the request at the front of c->in, if it is whole. It is taken apart in a copy: one that
 * is held is asked again. */
static void answer(const struct server *s, struct client *c)
{
	AUTO_BUF struct buf copy = { 0 };
	struct serve_request req;
	struct serve_reply reply;
	size_t used;
	int r;

	buf_add(&copy, c->in.data, c->in.len);
	r = copy.failed ? -ENOMEM : serve_request_parse(copy.data, copy.len, &req);
	if (r == 0)
		return;
	if (r < 0) {
		refuse(c, r == -E2BIG ? 413 : 400);
		return;
	}
	c->close_after = !req.keep_alive;
	serve_route(&s->options, &req, &reply);
	if (is_held(c, &reply)) {
		buf_done(&reply.body);
		return;
	}
	c->hold_until = 0;
	log_request(s, &req, reply.status);
	write_reply(c, &reply, !strcmp(req.method, "HEAD"));
	buf_done(&reply.body);
	used = req.head_len + req.body_len;
	memmove(c->in.data, c->in.data + used, c->in.len - used);
	c->in.len -= used;
	c->in.data[c->in.len] = '\0';
}

/* False when the client is gone. */
static bool take(struct client *c)
{
	char piece[8192];
	ssize_t n = recv(c->fd, piece, sizeof(piece), MSG_DONTWAIT);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	buf_add(&c->in, piece, (size_t)n);
	return n > 0 && c->in.failed == 0;
}

static bool give(struct client *c)
{
	ssize_t n = send(c->fd, c->out.data + c->sent, c->out.len - c->sent,
			 MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	c->sent += (size_t)n;
	if (c->sent < c->out.len)
		return true;
	buf_done(&c->out);
	c->out = BUF_WITH_LIMIT(5 * SERVE_FILE_MAX);
	c->sent = 0;
	return !c->close_after;
}

/* `changed`: the folder did. */
static void serve_client(const struct server *s, struct client *c, short events, bool changed)
{
	bool stays = !(events & (POLLERR | POLLNVAL));
	bool due = c->hold_until && (changed || clock_left_ms(c->hold_until) == 0);

	if (!events && !due)
		return;
	c->deadline = clock_ms() + IDLE_MS;
	if (stays && events & (POLLIN | POLLHUP))
		stays = take(c);
	if (stays && c->in.len && !c->out.len)
		answer(s, c);
	/* A reply that could not be built whole must not be sent in part. */
	if (c->out.failed)
		stays = false;
	if (stays && c->out.len)
		stays = give(c);
	/* The next request may be there already. */
	if (stays && c->in.len && !c->out.len)
		answer(s, c);
	if (!stays)
		drop(c);
}

/* --- all of them --- */

static void accept_all(const struct server *s, struct client *clients)
{
	int fd;

	while ((fd = accept4(s->listen, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0) {
		struct client *free_place = NULL;

		for (size_t i = 0; !free_place && i < SERVE_CLIENTS; i++)
			if (clients[i].fd < 0)
				free_place = &clients[i];
		if (!free_place) {
			(void)close(fd);
			continue;
		}
		*free_place = (struct client){ .fd = fd, .deadline = clock_ms() + IDLE_MS };
		free_place->in = BUF_WITH_LIMIT(SERVE_HEAD_MAX + SERVE_BODY_MAX);
		free_place->out = BUF_WITH_LIMIT(5 * SERVE_FILE_MAX);
	}
}

/* Fill `polls`; returns how long the next idle client may still be. */
static int prepare(const struct server *s, struct client *clients, struct pollfd *polls)
{
	int wait = IDLE_MS;

	for (size_t i = 0; i < SERVE_CLIENTS; i++) {
		struct client *c = &clients[i];

		if (c->fd >= 0 && clock_left_ms(c->deadline) == 0)
			drop(c);
		if (c->fd >= 0 && clock_left_ms(c->deadline) < wait)
			wait = clock_left_ms(c->deadline);
		if (c->hold_until && clock_left_ms(c->hold_until) < wait)
			wait = clock_left_ms(c->hold_until);
		polls[i] = (struct pollfd){ .fd = c->fd, .events = c->out.len ? POLLOUT : POLLIN };
	}
	polls[SERVE_CLIENTS] = (struct pollfd){ .fd = s->listen, .events = POLLIN };
	polls[SERVE_CLIENTS + 1] = (struct pollfd){ .fd = s->stop, .events = POLLIN };
	polls[SERVE_CLIENTS + 2] = (struct pollfd){ .fd = s->changes, .events = POLLIN };
	return wait;
}

static bool drain(int fd)
{
	char events[4096];

	while (read(fd, events, sizeof(events)) > 0)
		;
	return true;
}

static int loop(const struct server *s, struct client *clients, struct error *err)
{
	for (;;) {
		struct pollfd polls[SERVE_CLIENTS + 3];
		int wait = prepare(s, clients, polls);
		bool changed;

		if (poll(polls, ARRAY_LEN(polls), wait) < 0) {
			if (errno == EINTR)
				continue;
			return error_sys(err, errno, "poll");
		}
		if (polls[SERVE_CLIENTS + 1].revents)
			return 0;
		changed = polls[SERVE_CLIENTS + 2].revents && drain(s->changes);
		for (size_t i = 0; i < SERVE_CLIENTS; i++)
			if (clients[i].fd >= 0)
				serve_client(s, &clients[i], polls[i].revents, changed);
		if (polls[SERVE_CLIENTS].revents)
			accept_all(s, clients);
	}
}

/* Told of every change in the folder; without that, changes are seen when a wait is over. */
static int watch_folder(int dir)
{
	AUTO_CLOSE int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	char path[32];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", dir);
	if (fd < 0 ||
	    inotify_add_watch(fd, path, IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE) <
		    0)
		return -1;
	return TAKE_FD(fd);
}

static int make_token(char token[SERVE_TOKEN], struct error *err)
{
	unsigned char bytes[16];

	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		return error_sys(err, errno, "getrandom");
	for (size_t i = 0; i < sizeof(bytes); i++)
		(void)snprintf(token + 2 * i, 3, "%02x", bytes[i]);
	return 0;
}

int serve_run(struct server *s, struct error *err)
{
	AUTO_FREE struct client *clients = calloc(SERVE_CLIENTS, sizeof(*clients));
	int r = clients ? make_token(s->options.token, err) : error_set(err, ENOMEM, "no memory");

	if (r < 0)
		return r;
	for (size_t i = 0; i < SERVE_CLIENTS; i++)
		clients[i].fd = -1;
	s->changes = watch_folder(s->options.dir);
	r = loop(s, clients, err);
	if (s->changes >= 0)
		(void)close(s->changes);
	for (size_t i = 0; i < SERVE_CLIENTS; i++)
		drop(&clients[i]);
	return r;
}
