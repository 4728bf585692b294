/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A metadata service for tests: routes with what they answer, and the ways in which such a service
 * can be broken. One process accepts, one serves each connection; what was asked is logged.
 */
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/buf.h"

#define FAKEWEB_SECONDS 90

struct fakeweb_route {
	const char *method; /* NULL: GET */
	const char *path;
	const char *body;   /* "" for none */
	long status;        /* 0: 200 */
	const char *need;   /* a header line that must be there, or else: */
	long else_status;   /* 0: the next route of this path */
	const char *headers; /* "Name: value\r\n", or NULL */
};

enum fakeweb_fault {
	FAKEWEB_FINE,
	FAKEWEB_REFUSED,   /* nobody listens */
	FAKEWEB_SILENT,	   /* accepts, says nothing */
	FAKEWEB_DRIP,	   /* a byte each second */
	FAKEWEB_STATUS,	   /* `status` to everything */
	FAKEWEB_BUSY,	   /* `status` with Retry-After (1 s) to the first `count` requests */
	FAKEWEB_TRUNCATED, /* half of the body, then the end */
	FAKEWEB_ENDLESS,   /* a body without end */
	FAKEWEB_WRONG,	   /* a page of a captive portal to everything */
	FAKEWEB_REDIRECT,  /* 302 to `location` */
	FAKEWEB_LATE,	   /* listens after `count` milliseconds */
	FAKEWEB_RESET,	   /* closes at once, the first `count` times */
	FAKEWEB_HANGS_UP,  /* closes each connection after its first reply, and logs that */
};

struct fakeweb_plan {
	const struct fakeweb_route *routes; /* ended by path NULL */
	const char *headers;		    /* of every reply, or NULL */
	enum fakeweb_fault fault;
	long status;
	int count;
	int after_s; /* of Retry-After; 0: 1 */
	const char *location;
	bool ipv6;
};

struct fakeweb {
	char url[64];
	int listener;
	int port;
	int log; /* read end: "GET /path\n" */
	pid_t pid;
	int *served; /* shared: how many requests */
};

static inline void fakeweb_say(int fd, const char *text)
{
	(void)!send(fd, text, strlen(text), MSG_NOSIGNAL);
}

static inline bool fakeweb_hear(int fd, char *text, size_t size)
{
	size_t len = 0, want = 0;
	const char *body, *field;
	ssize_t n;

	do {
		n = recv(fd, text + len, size - 1 - len, 0);
		if (n <= 0)
			return false;
		len += (size_t)n;
		text[len] = '\0';
		body = strstr(text, "\r\n\r\n");
		field = strcasestr(text, "\r\nContent-Length: ");
		if (body)
			want = (size_t)(body + 4 - text) +
			       (field && field < body ? strtoul(field + 18, NULL, 10) : 0);
	} while ((!body || len < want) && len < size - 1);
	return true;
}

static inline void fakeweb_reply(int fd, const struct fakeweb_plan *plan, long status,
				 const char *headers, const char *body)
{
	AUTO_BUF struct buf b = { 0 };

	buf_fmt(&b, "HTTP/1.1 %ld Whatever\r\n%s%sContent-Length: %zu\r\n\r\n", status,
		plan->headers ? plan->headers : "", headers ? headers : "", strlen(body));
	if (plan->fault == FAKEWEB_TRUNCATED && body[0])
		buf_add(&b, body, strlen(body) / 2);
	else
		buf_str(&b, body);
	fakeweb_say(fd, buf_text(&b));
}

/* False when the connection is to be closed. */
static inline bool fakeweb_break(int fd, const struct fakeweb_plan *plan, int n)
{
	char headers[300];

	switch (plan->fault) {
	case FAKEWEB_SILENT:
		(void)poll(NULL, 0, FAKEWEB_SECONDS * 1000);
		return false;
	case FAKEWEB_DRIP:
		for (const char *s = "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"; *s; s++) {
			if (send(fd, s, 1, MSG_NOSIGNAL) != 1)
				return false;
			(void)poll(NULL, 0, 1000);
		}
		return false;
	case FAKEWEB_STATUS:
		fakeweb_reply(fd, plan, plan->status, NULL, "no");
		return true;
	case FAKEWEB_BUSY:
		(void)snprintf(headers, sizeof(headers), "Retry-After: %d\r\n",
			       plan->after_s ? plan->after_s : 1);
		fakeweb_reply(fd, plan, plan->status, headers, "later");
		return true;
	case FAKEWEB_ENDLESS:
		fakeweb_say(fd, "HTTP/1.1 200 OK\r\n");
		if (plan->headers)
			fakeweb_say(fd, plan->headers);
		fakeweb_say(fd, "\r\n");
		while (send(fd, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", 32, MSG_NOSIGNAL) == 32)
			;
		return false;
	case FAKEWEB_WRONG:
		fakeweb_reply(fd, plan, 200, "Content-Type: text/html\r\n",
			      "<html><body>Please log in to the hotel's network</body></html>\n");
		return true;
	case FAKEWEB_REDIRECT:
		(void)snprintf(headers, sizeof(headers), "Location: %s\r\n", plan->location);
		fakeweb_reply(fd, plan, 302, headers, "there");
		return true;
	default:
		(void)n;
		return false;
	}
}

static inline bool fakeweb_is_broken(const struct fakeweb_plan *plan, int n)
{
	switch (plan->fault) {
	case FAKEWEB_FINE:
	case FAKEWEB_REFUSED:
	case FAKEWEB_LATE:
	case FAKEWEB_TRUNCATED:
	case FAKEWEB_HANGS_UP:
		return false;
	case FAKEWEB_BUSY:
	case FAKEWEB_RESET:
		return n <= plan->count;
	default:
		return true;
	}
}

static inline void fakeweb_route(int fd, const struct fakeweb_plan *plan, const char *text)
{
	char method[16] = "", path[1024] = "";

	(void)sscanf(text, "%15s %1023s", method, path);
	for (const struct fakeweb_route *r = plan->routes; r->path; r++) {
		if (strcmp(r->path, path) != 0 || strcmp(r->method ? r->method : "GET", method))
			continue;
		if (r->need && !strcasestr(text, r->need) && !r->else_status)
			continue;
		if (r->need && !strcasestr(text, r->need))
			fakeweb_reply(fd, plan, r->else_status, NULL, "");
		else
			fakeweb_reply(fd, plan, r->status ? r->status : 200, r->headers, r->body);
		return;
	}
	fakeweb_reply(fd, plan, 404, NULL, "not found\n");
}

static inline void fakeweb_connection(const struct fakeweb *s, int fd, int log,
				      const struct fakeweb_plan *plan)
{
	static char text[65536];

	while (fakeweb_hear(fd, text, sizeof(text))) {
		int n = __atomic_add_fetch(s->served, 1, __ATOMIC_SEQ_CST);

		(void)!write(log, text, strcspn(text, "\r"));
		(void)!write(log, "\n", 1);
		if (!fakeweb_is_broken(plan, n))
			fakeweb_route(fd, plan, text);
		else if (!fakeweb_break(fd, plan, n))
			break;
		if (plan->fault == FAKEWEB_TRUNCATED || plan->fault == FAKEWEB_HANGS_UP)
			break;
	}
	(void)close(fd);
	if (plan->fault == FAKEWEB_HANGS_UP)
		(void)!write(log, "closed\n", 7);
	_exit(0);
}

static inline void fakeweb_serve(const struct fakeweb *s, int log,
				   const struct fakeweb_plan *plan)
{
	(void)alarm(FAKEWEB_SECONDS);
	(void)signal(SIGCHLD, SIG_IGN);
	if (plan->fault == FAKEWEB_LATE)
		(void)poll(NULL, 0, plan->count);
	if (listen(s->listener, 64) < 0)
		_exit(1);
	for (;;) {
		int fd = accept(s->listener, NULL, NULL);

		if (fd < 0)
			_exit(1);
		if (fork() == 0)
			fakeweb_connection(s, fd, log, plan);
		(void)close(fd);
	}
}

static inline struct fakeweb fakeweb_start(const struct fakeweb_plan *plan)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_addr = in6addr_loopback };
	struct sockaddr *sa = plan->ipv6 ? (struct sockaddr *)&in6 : (struct sockaddr *)&in;
	socklen_t len = plan->ipv6 ? sizeof(in6) : sizeof(in);
	struct fakeweb s = { .pid = -1 };
	int pipefd[2];

	s.served = mmap(NULL, sizeof(int), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
			0);
	s.listener = socket(sa->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(s.listener, sa, len) < 0 || getsockname(s.listener, sa, &len) < 0 ||
	    pipe2(pipefd, O_CLOEXEC | O_NONBLOCK) < 0)
		abort();
	s.port = ntohs(plan->ipv6 ? in6.sin6_port : in.sin_port);
	(void)snprintf(s.url, sizeof(s.url), "http://%s:%d", plan->ipv6 ? "[::1]" : "127.0.0.1",
		       s.port);
	s.log = pipefd[0];
	if (plan->fault != FAKEWEB_REFUSED) {
		if (plan->fault != FAKEWEB_LATE && listen(s.listener, 64) < 0)
			abort();
		s.pid = fork();
		if (s.pid == 0) {
			(void)setpgid(0, 0);
			fakeweb_serve(&s, pipefd[1], plan);
		}
		(void)setpgid(s.pid, s.pid);
	}
	(void)close(pipefd[1]);
	return s;
}

/* What was asked so far. */
static inline void fakeweb_log(const struct fakeweb *s, struct buf *ret)
{
	char text[4096];
	ssize_t n;

	while ((n = read(s->log, text, sizeof(text))) > 0)
		buf_add(ret, text, (size_t)n);
}

static inline void fakeweb_stop(struct fakeweb *s)
{
	if (s->pid > 0) {
		(void)kill(-s->pid, SIGKILL);
		(void)waitpid(s->pid, NULL, 0);
	}
	(void)close(s->listener);
	(void)close(s->log);
	(void)munmap(s->served, sizeof(int));
}
#define AUTO_FAKEWEB __attribute__((cleanup(fakeweb_stop)))
