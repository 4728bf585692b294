/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The HTTP client against a small server on loopback and on a unix socket: good replies, and every
 * way in which a server can be slow, broken or hostile.
 */
#define _GNU_SOURCE 1
#include "tests/unit/check.h"
#include "tests/unit/fakeweb.h"
#include "tests/unit/scratch.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "lib/clock.h"
#include "lib/http/http.h"
#include "lib/http/local.h"
#include "lib/http/retry.h"
#include "lib/proc.h"

#define SERVER_SECONDS 30

/* What the server does once it sent its text. */
enum then {
	THEN_CLOSE,
	THEN_RESET,   /* close so that the other end sees ECONNRESET */
	THEN_STALL,   /* keep the connection and say no more */
	THEN_DRIP,    /* a byte every few milliseconds, without end */
	THEN_ENDLESS, /* as fast as it goes, without end */
	THEN_AGAIN,   /* answer the next request on the same connection */
	THEN_LEAVE,   /* hear the next request on the same connection, and hang up */
};

struct scenario {
	const char *reply;
	enum then then;
};

struct server {
	char url[64];  /* "http://127.0.0.1:PORT/path" */
	char path[108]; /* of the unix socket, "" when on loopback */
	int listener;
	int log;       /* read end: the requests, as they came */
	pid_t pid;
};

static bool say(int fd, const char *text, size_t len)
{
	return send(fd, text, len, MSG_NOSIGNAL) == (ssize_t)len;
}

/* One request with its body, copied to the log; false at the end of the connection. */
static bool hear(int fd, int log)
{
	char text[8192];
	size_t len = 0, want = 0;
	const char *body, *field;
	ssize_t n;

	do {
		n = recv(fd, text + len, sizeof(text) - 1 - len, 0);
		if (n <= 0)
			return false;
		len += (size_t)n;
		text[len] = '\0';
		body = strstr(text, "\r\n\r\n");
		field = strcasestr(text, "Content-Length: ");
		if (body)
			want = (size_t)(body + 4 - text) +
			       (field && field < body ? strtoul(field + 16, NULL, 10) : 0);
	} while (!body || len < want);
	return write(log, text, len) == (ssize_t)len;
}

static void finish(int fd, enum then then)
{
	const struct linger now = { .l_onoff = 1, .l_linger = 0 };
	char block[4096];

	memset(block, 'x', sizeof(block));
	switch (then) {
	case THEN_RESET:
		(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
		break;
	case THEN_STALL:
		(void)recv(fd, block, sizeof(block), 0); /* until the client gives up */
		break;
	case THEN_DRIP:
		while (say(fd, "x", 1))
			(void)poll(NULL, 0, 5);
		break;
	case THEN_ENDLESS:
		while (say(fd, block, sizeof(block)))
			;
		break;
	default:
		break;
	}
}

static void serve(const struct server *s, int log, const struct scenario *what)
{
	int fd;

	(void)alarm(SERVER_SECONDS);
	for (;;) {
		fd = accept(s->listener, NULL, NULL);
		if (fd < 0)
			_exit(1);
		(void)write(log, "CONNECTED\r\n", 11) ;
		while (hear(fd, log)) {
			if (!say(fd, what->reply, strlen(what->reply)))
				break;
			if (what->then == THEN_AGAIN)
				continue;
			if (what->then == THEN_LEAVE)
				(void)hear(fd, log);
			finish(fd, what->then);
			break;
		}
		(void)close(fd);
	}
}

static void listen_on_loopback(struct server *s)
{
	struct sockaddr_in sa = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(sa);

	s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(s->listener, (struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(getsockname(s->listener, (struct sockaddr *)&sa, &len), 0);
	(void)snprintf(s->url, sizeof(s->url), "http://127.0.0.1:%u/path", ntohs(sa.sin_port));
}

/* A link-local address, which means nothing without the card. */
#define CARD "lo"
#define ADDRESS "fe80::a9fe:a9fe"

static void listen_on_card(struct server *s)
{
	struct sockaddr_in6 sa = { .sin6_family = AF_INET6, .sin6_addr = in6addr_any };
	socklen_t len = sizeof(sa);

	s->listener = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(s->listener, (struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(getsockname(s->listener, (struct sockaddr *)&sa, &len), 0);
	(void)snprintf(s->url, sizeof(s->url), "http://[" ADDRESS "%%25" CARD "]:%u/path",
		       ntohs(sa.sin6_port));
}

static void listen_on_unix(struct server *s, const char *dir)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };

	s->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	(void)snprintf(sa.sun_path, sizeof(sa.sun_path), "%s/sock", dir);
	memcpy(s->path, sa.sun_path, sizeof(s->path));
	assert_int_equal(bind(s->listener, (struct sockaddr *)&sa, sizeof(sa)), 0);
	(void)snprintf(s->url, sizeof(s->url), "/path");
}

static void server_done(struct server *s)
{
	if (s->pid > 0) {
		(void)kill(s->pid, SIGKILL);
		(void)waitpid(s->pid, NULL, 0);
	}
	(void)close(s->listener);
	(void)close(s->log);
}
#define AUTO_SERVER __attribute__((cleanup(server_done)))

/* dir: where the unix socket goes; NULL for loopback; CARD for its link-local address. */
static struct server server_start(const char *dir, const struct scenario *what)
{
	struct server s = { .listener = -1, .log = -1 };
	int fds[2];

	if (dir && !strcmp(dir, CARD))
		listen_on_card(&s);
	else if (dir)
		listen_on_unix(&s, dir);
	else
		listen_on_loopback(&s);
	assert_int_equal(listen(s.listener, 8), 0);
	assert_int_equal(pipe(fds), 0);
	s.pid = fork();
	assert_true(s.pid >= 0);
	if (s.pid == 0)
		serve(&s, fds[1], what);
	(void)close(fds[1]);
	s.log = fds[0];
	return s;
}

/* All that the server heard; it is ended for that. */
static void heard(struct server *s, char *text, size_t size)
{
	size_t len = 0;
	ssize_t n;

	(void)kill(s->pid, SIGKILL);
	(void)waitpid(s->pid, NULL, 0);
	s->pid = 0;
	while ((n = read(s->log, text + len, size - 1 - len)) > 0)
		len += (size_t)n;
	text[len] = '\0';
}

static size_t count(const char *text, const char *part)
{
	size_t n = 0;

	for (const char *p = text; (p = strstr(p, part)); p += strlen(part))
		n++;
	return n;
}

static struct http *client(void)
{
	struct error err = { 0 };
	struct http *h = NULL;

	assert_ok(http_new(&h, &err), &err);
	return h;
}

/* Over the network, or over the unix socket, whichever the server has. */
static int ask(const struct server *s, const struct http_request *req, long *status,
	       struct buf *body, struct error *err)
{
	AUTO(http_free) struct http *h = NULL;
	AUTO(http_local_free) struct http_local *l = NULL;

	if (s->path[0] == '\0') {
		h = client();
		return http_do(h, req, status, body, err);
	}
	assert_ok(http_local_new(s->path, &l, err), err);
	return http_local_do(l, req, status, body, err);
}

#define OK_HEAD "HTTP/1.1 200 OK\r\n"

static void replies(void **state)
{
	static const struct {
		struct scenario what;
		long status;
		const char *body;
	} cases[] = {
		{ { OK_HEAD "Content-Length: 5\r\n\r\nhello", THEN_AGAIN }, 200, "hello" },
		{ { OK_HEAD "Content-Length: 0\r\n\r\n", THEN_AGAIN }, 200, "" },
		{ { OK_HEAD "\r\nuntil the end", THEN_CLOSE }, 200, "until the end" },
		{ { OK_HEAD "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
		    THEN_AGAIN },
		  200,
		  "abcde" },
		{ { "HTTP/1.1 100 Continue\r\n\r\n" OK_HEAD "Content-Length: 1\r\n\r\nx",
		    THEN_AGAIN },
		  200,
		  "x" },
		{ { "HTTP/1.1 204 No Content\r\n\r\n", THEN_AGAIN }, 204, "" },
		{ { "HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nnone", THEN_AGAIN },
		  404,
		  "none" },
		{ { "HTTP/1.0 500 Broken\r\n\r\nwhy", THEN_CLOSE }, 500, "why" },
	};
	AUTO_SCRATCH struct scratch dir = scratch_make();

	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_LEN(cases); i++) {
		const bool local = i % 2;
		AUTO_SERVER struct server s =
			server_start(local ? dir.path : NULL, &cases[i / 2].what);
		const struct http_request req = { .method = "GET",
						  .url = s.url,
						  .timeout_ms = 10000 };
		AUTO_BUF struct buf body = { 0 };
		struct error err = { 0 };
		long status = 0;

		buf_str(&body, "before ");
		assert_ok(ask(&s, &req, &status, &body, &err), &err);
		assert_int_equal(status, cases[i / 2].status);
		assert_memory_equal(buf_text(&body), "before ", 7);
		assert_string_equal(buf_text(&body) + 7, cases[i / 2].body);
		if (local)
			assert_int_equal(unlink(s.path), 0);
	}
}

static void failures(void **state)
{
	static const struct {
		struct scenario what;
		int ret;
	} cases[] = {
		{ { OK_HEAD "Content-Length: 100\r\n\r\nonly this", THEN_CLOSE }, -EAGAIN },
		{ { OK_HEAD "Transfer-Encoding: chunked\r\n\r\n50\r\nabc", THEN_CLOSE }, -EAGAIN },
		{ { OK_HEAD "Content-Le", THEN_CLOSE }, -EAGAIN },
		{ { "", THEN_CLOSE }, -EAGAIN },
		{ { "", THEN_RESET }, -EAGAIN },
		{ { "SSH-2.0-OpenSSH_9.2\r\n", THEN_CLOSE }, -EPROTO },
		{ { "", THEN_STALL }, -ETIMEDOUT },
		{ { "HTTP/1.1 200 O", THEN_STALL }, -ETIMEDOUT },
		{ { OK_HEAD "Content-Length: 100\r\n\r\npart", THEN_STALL }, -ETIMEDOUT },
		{ { OK_HEAD "Content-Length: 100000\r\n\r\n", THEN_DRIP }, -ETIMEDOUT },
		{ { OK_HEAD "X-Endless: ", THEN_DRIP }, -ETIMEDOUT },
		{ { OK_HEAD "\r\n", THEN_ENDLESS }, -E2BIG },
		{ { OK_HEAD "Content-Length: 4194305\r\n\r\n", THEN_ENDLESS }, -E2BIG },
	};
	AUTO_SCRATCH struct scratch dir = scratch_make();

	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_LEN(cases); i++) {
		const bool local = i % 2;
		const bool slow = cases[i / 2].ret == -ETIMEDOUT;
		AUTO_SERVER struct server s =
			server_start(local ? dir.path : NULL, &cases[i / 2].what);
		const struct http_request req = { .method = "GET", .url = s.url,
						  .timeout_ms = slow ? 150 : 20000 };
		AUTO_BUF struct buf body = { 0 };
		int64_t start = clock_ms();
		struct error err = { 0 };
		long status = -1;
		int r;

		buf_str(&body, "before");
		r = ask(&s, &req, &status, &body, &err);
		if (r != cases[i / 2].ret)
			fail_msg("case %zu: %d, wanted %d: %s", i / 2, r, cases[i / 2].ret,
				 err.msg);
		assert_int_equal(status, -1);
		assert_string_equal(buf_text(&body), "before");
		assert_true(clock_ms() - start < (slow ? 5000 : 15000));
		assert_true(!slow || clock_ms() - start >= 100);
		assert_memory_equal(err.msg, local ? "GET /path at " : "GET http://1", 12);
		if (local)
			assert_int_equal(unlink(s.path), 0);
	}
}

static void refused(void **state)
{
	AUTO_SCRATCH struct scratch dir = scratch_make();
	AUTO(http_free) struct http *h = client();
	struct server s = { .listener = -1 };
	struct http_request req = { .method = "GET", .url = s.url, .timeout_ms = 5000 };
	AUTO(http_local_free) struct http_local *l = NULL;
	struct error err = { 0 };
	char path[108];
	long status = -1;

	(void)state;
	/* Bound, so that nobody else gets the port, but not listening. */
	listen_on_loopback(&s);
	assert_int_equal(http_do(h, &req, &status, NULL, &err), -EAGAIN);
	(void)close(s.listener);
	(void)snprintf(path, sizeof(path), "%s/none", dir.path);
	assert_ok(http_local_new(path, &l, &err), &err);
	req.url = "/x";
	assert_int_equal(http_local_do(l, &req, &status, NULL, &err), -EAGAIN);
	assert_non_null(strstr(err.msg, path));
	assert_int_equal(status, -1);
}

static void broken_replies_on_a_unix_socket(void **state)
{
	static const struct {
		const char *reply, *why;
	} cases[] = {
		{ OK_HEAD "Content-Length: -5\r\n\r\nhello", "no number" },
		{ OK_HEAD "Content-Length: 0x5\r\n\r\nhello", "no number" },
		{ OK_HEAD "Content-Length: 99999999999999999999\r\n\r\nhello", "no number" },
		{ OK_HEAD "Content-Length: 18446744073709551615\r\n\r\nhello", "no number" },
		{ OK_HEAD "Content-Length: 5\r\nContent-Length: 4\r\n\r\nhello", "two lengths" },
		{ OK_HEAD "Transfer-Encoding: gzip\r\n\r\nhello", "unknown way" },
		{ OK_HEAD "Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello", "no number" },
		{ OK_HEAD "Transfer-Encoding: chunked\r\n\r\n5\r\nhello!\r\n", "has no end" },
		{ OK_HEAD "no colon\r\n\r\n", "no colon" },
		{ "HTTP/1.1 20 OK\r\n\r\n", "not HTTP" },
		{ "HTTP/2 200\r\n\r\n", "not HTTP" },
		{ "HTTP/1.", "ended early" },
	};
	AUTO_SCRATCH struct scratch dir = scratch_make();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO_SERVER struct server s = server_start(
			dir.path, &(struct scenario){ cases[i].reply, THEN_CLOSE });
		const struct http_request req = { .method = "GET", .url = s.url,
						  .timeout_ms = 20000 };
		AUTO_BUF struct buf body = { 0 };
		struct error err = { 0 };
		long status = -1;

		assert_true(ask(&s, &req, &status, &body, &err) < 0);
		if (!strstr(err.msg, cases[i].why))
			fail_msg("case %zu: %s", i, err.msg);
		assert_int_equal(body.len, 0);
		assert_int_equal(unlink(s.path), 0);
	}
}

static void headers_without_end(void **state)
{
	AUTO_SCRATCH struct scratch dir = scratch_make();
	AUTO_BUF struct buf reply = { 0 };
	const struct http_request req = { .method = "GET", .url = "/", .timeout_ms = 20000 };
	struct error err = { 0 };
	long status = -1;

	(void)state;
	buf_str(&reply, OK_HEAD);
	while (reply.len < 70000)
		buf_str(&reply, "X-Another: one\r\n");
	buf_str(&reply, "\r\n");
	AUTO_SERVER struct server s = server_start(
		dir.path, &(struct scenario){ buf_text(&reply), THEN_CLOSE });
	assert_int_equal(ask(&s, &req, &status, NULL, &err), -EPROTO);
	assert_non_null(strstr(err.msg, "headers have no end"));
}

static bool take_all(void *arg, const char *data, size_t len)
{
	(void)data;
	*(size_t *)arg += len;
	return true;
}

/* The deadline is one for a daemon that never stops to talk, too. */
static void an_endless_stream_ends(void **state)
{
	AUTO_SCRATCH struct scratch dir = scratch_make();
	AUTO_SERVER struct server s =
		server_start(dir.path, &(struct scenario){ OK_HEAD "\r\n", THEN_ENDLESS });
	size_t got = 0;
	const struct http_request req = { .method = "GET", .url = s.url, .timeout_ms = 150,
					  .chunk = take_all, .arg = &got };
	const int64_t start = clock_ms();
	struct error err = { 0 };
	long status = -1;

	(void)state;
	assert_int_equal(ask(&s, &req, &status, NULL, &err), -ETIMEDOUT);
	assert_true(got > 0);
	assert_true(clock_ms() - start < 5000);
}

/* One connection serves many requests. One that the daemon has given up is replaced. */
static void a_unix_connection_is_kept(void **state)
{
	static const struct {
		struct scenario what;
		size_t connections;
	} cases[] = {
		{ { OK_HEAD "Content-Length: 2\r\n\r\nok", THEN_AGAIN }, 1 },
		{ { OK_HEAD "Transfer-Encoding: chunked\r\n\r\n2;a=b\r\nok\r\n0\r\n\r\n",
		    THEN_AGAIN },
		  1 },
		{ { OK_HEAD "Content-Length: 2\r\nConnection: close\r\n\r\nok", THEN_CLOSE }, 3 },
		/* It says nothing of that. */
		{ { OK_HEAD "Content-Length: 2\r\n\r\nok", THEN_CLOSE }, 3 },
	};
	const struct http_request req = { .method = "POST", .url = "/path?q", .body = "text",
					  .body_len = 4, .timeout_ms = 20000 };
	AUTO_SCRATCH struct scratch dir = scratch_make();
	char text[8192];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO_SERVER struct server s = server_start(dir.path, &cases[i].what);
		AUTO(http_local_free) struct http_local *l = NULL;
		struct error err = { 0 };
		long status = 0;

		assert_ok(http_local_new(s.path, &l, &err), &err);
		for (int k = 0; k < 3; k++) {
			AUTO_BUF struct buf body = { 0 };

			assert_ok(http_local_do(l, &req, &status, &body, &err), &err);
			assert_string_equal(buf_text(&body), "ok");
		}
		heard(&s, text, sizeof(text));
		assert_int_equal(count(text, "POST /path?q HTTP/1.1\r\n"), 3);
		assert_int_equal(count(text, "Content-Length: 4\r\n\r\ntext"), 3);
		assert_int_equal(count(text, "CONNECTED"), cases[i].connections);
		assert_int_equal(unlink(s.path), 0);
	}
}

/* A daemon that heard the request may have done it: what changes something is not asked twice. */
static void only_what_looks_is_asked_again(void **state)
{
	static const struct {
		const char *method, *line;
		int ret;
		size_t times, connections;
	} cases[] = {
		{ "POST", "POST /path HTTP/1.1\r\n", -EAGAIN, 2, 1 },
		{ "GET", "GET /path HTTP/1.1\r\n", 0, 3, 2 },
	};
	const struct scenario what = { OK_HEAD "Content-Length: 2\r\n\r\nok", THEN_LEAVE };
	AUTO_SCRATCH struct scratch dir = scratch_make();
	char text[8192];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct http_request req = { .method = cases[i].method, .url = "/path",
						  .timeout_ms = 20000 };
		AUTO_SERVER struct server s = server_start(dir.path, &what);
		AUTO(http_local_free) struct http_local *l = NULL;
		struct error err = { 0 };
		long status = 0;

		assert_ok(http_local_new(s.path, &l, &err), &err);
		assert_ok(http_local_do(l, &req, &status, NULL, &err), &err);
		assert_int_equal(http_local_do(l, &req, &status, NULL, &err), cases[i].ret);
		heard(&s, text, sizeof(text));
		assert_int_equal(count(text, cases[i].line), cases[i].times);
		assert_int_equal(count(text, "CONNECTED"), cases[i].connections);
		assert_int_equal(unlink(s.path), 0);
	}
}

static void redirects_are_not_followed(void **state)
{
	AUTO_SERVER struct server target = server_start(
		NULL, &(struct scenario){ OK_HEAD "Content-Length: 6\r\n\r\nsecret", THEN_AGAIN });
	AUTO(http_free) struct http *h = client();
	AUTO_BUF struct buf body = { 0 };
	struct scenario what = { .then = THEN_AGAIN };
	struct error err = { 0 };
	char reply[256], text[4096];
	long status = 0;

	(void)state;
	(void)snprintf(reply, sizeof(reply),
		       "HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n",
		       target.url);
	what.reply = reply;
	{
		AUTO_SERVER struct server s = server_start(NULL, &what);
		const struct http_request req = { .url = s.url, .timeout_ms = 10000 };

		assert_ok(http_do(h, &req, &status, &body, &err), &err);
	}
	assert_int_equal(status, 302);
	assert_string_equal(buf_text(&body), "");
	heard(&target, text, sizeof(text));
	assert_string_equal(text, "");
}

static void the_environments_proxy_is_not_used(void **state)
{
	AUTO_SERVER struct server s = server_start(
		NULL, &(struct scenario){ OK_HEAD "Content-Length: 2\r\n\r\nok", THEN_AGAIN });
	const struct http_request req = { .url = s.url, .timeout_ms = 10000 };
	AUTO(http_free) struct http *h = client();
	AUTO_BUF struct buf body = { 0 };
	struct error err = { 0 };
	long status = 0;
	int r;

	(void)state;
	(void)setenv("http_proxy", "http://127.0.0.1:1", 1);
	(void)setenv("all_proxy", "socks5://127.0.0.1:1", 1);
	r = http_do(h, &req, &status, &body, &err);
	(void)unsetenv("http_proxy");
	(void)unsetenv("all_proxy");
	assert_ok(r, &err);
	assert_string_equal(buf_text(&body), "ok");
}

/* RFC 6874: the card stands in the address behind %25, and is no business of the server's. The last
 * one: loopback is another one after it. */
static void a_zone_is_the_card(void **state)
{
	static const char *const argv[] = { "/bin/sh", "-c",
					    "ip link set " CARD " up && ip -6 address add " ADDRESS
					    "/64 dev " CARD " nodad",
					    NULL };
	struct error err = { 0 };
	char text[4096];
	long status = 0;

	(void)state;
	if (unshare(CLONE_NEWNET) < 0)
		skip();
	assert_ok(proc_run(argv, NULL, 10000, NULL, &err), &err);
	{
		AUTO_SERVER struct server s = server_start(
			CARD, &(struct scenario){ OK_HEAD "Content-Length: 2\r\n\r\nok",
						  THEN_AGAIN });
		const struct http_request req = { .url = s.url, .timeout_ms = 10000 };
		AUTO(http_free) struct http *h = client();
		AUTO_BUF struct buf body = { 0 };

		/* libcurl has a second for the connection, which a busy machine may not. */
		for (int try = 0, r = -EAGAIN; try < 20 && r < 0; try++)
			r = http_do(h, &req, &status, &body, &err);
		if (strcmp(buf_text(&body), "ok") != 0)
			fail_msg("%s", err.msg);
		heard(&s, text, sizeof(text));
		assert_non_null(strstr(text, "Host: [" ADDRESS "]:"));
		assert_null(strstr(text, CARD "]"));
	}
}

static void what_is_sent(void **state)
{
	static const struct {
		const char *method, *header, *body;
		const char *want[4], *never[3];
	} cases[] = {
		{ "GET", NULL, NULL, { "GET /path HTTP/1.1\r\n", "User-Agent: OcicatOS\r\n" },
		  { "Content-", "Expect", "Authorization" } },
		{ NULL, "Metadata-Flavor: Google", NULL,
		  { "GET /path HTTP/1.1\r\n", "Metadata-Flavor: Google\r\n" }, { "Content-" } },
		{ "PUT", "X-aws-ec2-metadata-token-ttl-seconds: 60", NULL,
		  { "PUT /path HTTP/1.1\r\n", "Content-Length: 0\r\n", "-ttl-seconds: 60\r\n" },
		  { "Content-Type", "Expect" } },
		{ "POST", "Content-Type: application/json", "{\"a\": 1}",
		  { "POST /path HTTP/1.1\r\n", "Content-Length: 8\r\n",
		    "Content-Type: application/json\r\n", "\r\n\r\n{\"a\": 1}" },
		  { "urlencoded", "Expect" } },
		{ "DELETE", NULL, NULL, { "DELETE /path HTTP/1.1\r\n" }, { "Content-Type" } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO_SERVER struct server s =
			server_start(NULL, &(struct scenario){ OK_HEAD "Content-Length: 0\r\n\r\n",
							       THEN_AGAIN });
		const char *const headers[] = { cases[i].header, NULL };
		const struct http_request req = {
			.method = cases[i].method,
			.url = s.url,
			.headers = headers,
			.body = cases[i].body,
			.body_len = cases[i].body ? strlen(cases[i].body) : 0,
			.timeout_ms = 10000,
		};
		AUTO(http_free) struct http *h = client();
		struct error err = { 0 };
		char text[4096];
		long status = 0;

		assert_ok(http_do(h, &req, &status, NULL, &err), &err);
		heard(&s, text, sizeof(text));
		for (size_t j = 0; j < ARRAY_LEN(cases[i].want) && cases[i].want[j]; j++)
			if (!strstr(text, cases[i].want[j]))
				fail_msg("%s is missing in\n%s", cases[i].want[j], text);
		for (size_t j = 0; j < ARRAY_LEN(cases[i].never) && cases[i].never[j]; j++)
			if (strcasestr(text, cases[i].never[j]))
				fail_msg("%s stands in\n%s", cases[i].never[j], text);
	}
}

/* A connection is used again; and nothing of a request is left over for the next. */
static void connections_are_kept(void **state)
{
	AUTO_SERVER struct server s = server_start(
		NULL, &(struct scenario){ OK_HEAD "Content-Length: 2\r\n\r\nok", THEN_AGAIN });
	const char *const headers[] = { "X-Once: 1", NULL };
	const struct http_request post = { .method = "POST", .url = s.url, .headers = headers,
					   .body = "data", .body_len = 4, .timeout_ms = 10000 };
	const struct http_request get = { .method = "GET", .url = s.url, .timeout_ms = 10000 };
	AUTO(http_free) struct http *h = client();
	struct error err = { 0 };
	char text[8192];
	long status = 0;

	(void)state;
	assert_ok(http_do(h, &post, &status, NULL, &err), &err);
	for (int i = 0; i < 3; i++)
		assert_ok(http_do(h, &get, &status, NULL, &err), &err);
	heard(&s, text, sizeof(text));
	assert_int_equal(count(text, "CONNECTED\r\n"), 1);
	assert_int_equal(count(text, "POST /path"), 1);
	assert_int_equal(count(text, "GET /path"), 3);
	assert_int_equal(count(text, "X-Once"), 1);
	assert_int_equal(count(text, "Content-Length"), 1);
}

/* Wait until the server has closed so many connections. */
static void await_closed(const struct fakeweb *s, struct buf *log, size_t n)
{
	const int64_t deadline = clock_ms() + 20000;
	struct pollfd p = { .fd = s->log, .events = POLLIN };

	while (count(buf_text(log), "closed\n") < n) {
		assert_true(poll(&p, 1, clock_left_ms(deadline)) > 0);
		fakeweb_log(s, log);
	}
}

/* A server may close connections that we keep: the next requests take new ones. */
static void kept_connections_may_be_closed(void **state)
{
	static const struct fakeweb_route routes[] = { { .path = "/x", .body = "ok" }, { 0 } };
	const struct fakeweb_plan plan = { .routes = routes, .fault = FAKEWEB_HANGS_UP };
	AUTO_FAKEWEB struct fakeweb s = fakeweb_start(&plan);
	AUTO(http_free) struct http *h = client();
	AUTO_BUF struct buf log = { 0 };
	char url[80];

	(void)state;
	(void)snprintf(url, sizeof(url), "%s/x", s.url);
	for (size_t round = 1; round <= 3; round++) {
		const struct http_request req = { .url = url, .timeout_ms = 20000 };
		struct http_call calls[2 * HTTP_TOGETHER + 1] = { 0 };

		for (size_t i = 0; i < ARRAY_LEN(calls); i++)
			calls[i].req = &req;
		http_do_all(h, calls, ARRAY_LEN(calls));
		for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
			assert_ok(calls[i].result, &calls[i].err);
			assert_int_equal(calls[i].status, 200);
		}
		await_closed(&s, &log, round * ARRAY_LEN(calls));
	}
}

/* A server that asks for an hour does not end the matter: there is another try in time, and not
 * many. */
static void retry_after_ends_with_the_deadline(void **state)
{
	static const struct fakeweb_route routes[] = { { .path = "/x", .body = "ok" }, { 0 } };

	(void)state;
	for (int count_bad = 1; count_bad <= 99; count_bad += 98) {
		const struct fakeweb_plan plan = { .routes = routes, .fault = FAKEWEB_BUSY,
						   .status = 503, .count = count_bad,
						   .after_s = 3600 };
		AUTO_FAKEWEB struct fakeweb s = fakeweb_start(&plan);
		AUTO(http_free) struct http *h = client();
		char url[80];
		const struct http_request req = { .url = url };
		const struct http_retry rules = { .deadline = clock_ms() + 4000,
						  .attempt_ms = 20000, .pause_ms = 100,
						  .pause_max_ms = 200, .wake_fd = -1 };
		AUTO_BUF struct buf body = { 0 };
		struct error err = { 0 };
		long status = 0;

		(void)snprintf(url, sizeof(url), "%s/x", s.url);
		/* The last try of one that never gets well may have too little time left. */
		if (http_retry(h, &req, &rules, &status, &body, &err) < 0 && count_bad == 99)
			status = err.code == ETIMEDOUT ? 503 : 0;
		if (status != (count_bad == 1 ? 200 : 503))
			fail_msg("%ld %s", status, err.msg);
		assert_in_range(*s.served, 2, 8);
	}
}

static void the_limit_is_exact(void **state)
{
	AUTO_SERVER struct server s = server_start(
		NULL,
		&(struct scenario){ OK_HEAD "Content-Length: 10\r\n\r\n0123456789", THEN_AGAIN });
	AUTO(http_free) struct http *h = client();
	struct http_request req = { .url = s.url, .timeout_ms = 10000 };
	struct error err = { 0 };
	long status = 0;

	(void)state;
	for (req.max_bytes = 9; req.max_bytes <= 11; req.max_bytes++) {
		AUTO_BUF struct buf body = { 0 };

		assert_int_equal(http_do(h, &req, &status, &body, &err),
				 req.max_bytes < 10 ? -E2BIG : 0);
		assert_int_equal(body.len, req.max_bytes < 10 ? 0 : 10);
	}
	/* The caller's own buffer has a limit, too. */
	{
		AUTO_BUF struct buf small = BUF_WITH_LIMIT(5);

		req.max_bytes = 0;
		assert_int_equal(http_do(h, &req, &status, &small, &err), -E2BIG);
		assert_int_equal(small.len, 0);
	}
}

struct pieces {
	size_t seen, stop_at;
};

static bool take_piece(void *arg, const char *data, size_t len)
{
	struct pieces *p = arg;

	for (size_t i = 0; i < len; i++)
		if (data[i] != 'x')
			return false;
	p->seen += len;
	return p->seen < p->stop_at;
}

static void chunks_stream_and_stop(void **state)
{
	AUTO_SERVER struct server s =
		server_start(NULL, &(struct scenario){ OK_HEAD "\r\n", THEN_ENDLESS });
	struct pieces p = { .stop_at = 9u << 20 }; /* more than is ever collected */
	AUTO(http_free) struct http *h = client();
	struct http_request req = {
		.url = s.url, .timeout_ms = 20000, .chunk = take_piece, .arg = &p
	};
	AUTO_BUF struct buf body = { 0 };
	struct error err = { 0 };
	long status = 0;

	(void)state;
	assert_ok(http_do(h, &req, &status, &body, &err), &err);
	assert_int_equal(status, 200);
	assert_int_equal(body.len, 0);
	assert_true(p.seen >= p.stop_at && p.seen < p.stop_at + (1u << 20));
	/* A limit that is named counts here as well. */
	p.seen = 0;
	req.max_bytes = 100000;
	assert_int_equal(http_do(h, &req, &status, &body, &err), -E2BIG);
	assert_true(p.seen <= 100000);
}

static void bad_requests_are_not_made(void **state)
{
	static const char *const injected[] = { "X: 1\r\nHost: other", NULL };
	static const struct http_request cases[] = {
		{ .url = "", .timeout_ms = 1000 },
		{ .url = "127.0.0.1:1/x", .timeout_ms = 1000 },
		{ .url = "ftp://127.0.0.1/x", .timeout_ms = 1000 },
		{ .url = "file:///etc/passwd", .timeout_ms = 1000 },
		{ .url = "gopher://127.0.0.1:1/x", .timeout_ms = 1000 },
		{ .url = "http://bad host/", .timeout_ms = 1000 },
		{ .url = "http://127.0.0.1:1/x" },
		{ .url = "http://127.0.0.1:1/x", .timeout_ms = 1000, .headers = injected },
	};
	AUTO(http_free) struct http *h = client();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct error err = { 0 };
		long status = -1;

		assert_int_equal(http_do(h, &cases[i], &status, NULL, &err), -EINVAL);
		assert_int_equal(status, -1);
	}
}

static void messages_hide_secrets(void **state)
{
	static const struct {
		const char *url, *begin;
	} cases[] = {
		{ "http://127.0.0.1:1/a/b", "GET http://127.0.0.1:1/a/b: " },
		{ "http://me:secret@127.0.0.1:1/a?token=secret#secret",
		  "GET http://127.0.0.1:1/a: " },
		{ "http://me:secret@127.0.0.1:1", "GET http://127.0.0.1:1: " },
		{ "http://a@secret@127.0.0.1:1/x@y", "GET http://127.0.0.1:1/x@y: " },
		{ "ftp://me:secret@host/x", "GET ftp://host/x: " },
	};
	AUTO(http_free) struct http *h = client();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct http_request req = { .url = cases[i].url, .timeout_ms = 5000 };
		struct error err = { 0 };
		long status = 0;

		assert_true(http_do(h, &req, &status, NULL, &err) < 0);
		if (strncmp(err.msg, cases[i].begin, strlen(cases[i].begin)) != 0)
			fail_msg("%s", err.msg);
		assert_null(strstr(err.msg, "secret"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replies),
		cmocka_unit_test(failures),
		cmocka_unit_test(refused),
		cmocka_unit_test(broken_replies_on_a_unix_socket),
		cmocka_unit_test(headers_without_end),
		cmocka_unit_test(an_endless_stream_ends),
		cmocka_unit_test(a_unix_connection_is_kept),
		cmocka_unit_test(only_what_looks_is_asked_again),
		cmocka_unit_test(redirects_are_not_followed),
		cmocka_unit_test(the_environments_proxy_is_not_used),
		cmocka_unit_test(what_is_sent),
		cmocka_unit_test(connections_are_kept),
		cmocka_unit_test(kept_connections_may_be_closed),
		cmocka_unit_test(retry_after_ends_with_the_deadline),
		cmocka_unit_test(the_limit_is_exact),
		cmocka_unit_test(chunks_stream_and_stop),
		cmocka_unit_test(bad_requests_are_not_made),
		cmocka_unit_test(messages_hide_secrets),
		cmocka_unit_test(a_zone_is_the_card),
	};

	http_free(NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
