/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A Docker daemon for tests: a child process on a unix socket that answers from a table and writes
 * down every request, "METHOD PATH BODY" a line. Each connection has a thread.
 */
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* The first row that fits answers; `times` uses of it at most (0: any number). `path` is a
 * beginning, without the version. Status 0 closes the connection instead. */
struct fake_row {
	const char *method, *path;
	int status;
	const char *body;
	size_t len;   /* of body when it holds NULs, else 0 */
	int delay_ms;
	int times;
};

struct fake {
	char dir[32];
	char socket[64], log[64];
	const struct fake_row *rows;
	pid_t pid;
	atomic_int used[64];
	int listener;
};

struct fake_connection {
	struct fake *f;
	int fd;
};

static inline const struct fake_row *fake_find(struct fake *f, const char *method, const char *path)
{
	/* "/v1.51/info" → "/info" */
	if (path[1] == 'v' && path[2] == '1')
		path = strchr(path + 1, '/');
	for (size_t i = 0; f->rows[i].method; i++) {
		const struct fake_row *row = &f->rows[i];

		if (strcmp(row->method, method) != 0 ||
		    strncmp(row->path, path, strlen(row->path)) != 0)
			continue;
		if (row->times && atomic_fetch_add(&f->used[i], 1) >= row->times)
			continue;
		return row;
	}
	return NULL;
}

static inline void fake_note(const struct fake *f, const char *method, const char *path,
			     const char *body)
{
	char line[16384];
	const int len = snprintf(line, sizeof(line), "%s %s%s%s\n", method, path, *body ? " " : "",
				 body);
	const int fd = open(f->log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);

	(void)!write(fd, line, (size_t)len);
	(void)close(fd);
}

/* Read one request; false at the end of the connection. */
static inline bool fake_read(int fd, char *buf, size_t size, char **ret_body)
{
	size_t len = 0, want = size - 1;
	char *end = NULL, *length;
	ssize_t n;

	while (len < want && (n = read(fd, buf + len, want - len)) > 0) {
		len += (size_t)n;
		buf[len] = '\0';
		if (!end) {
			end = strstr(buf, "\r\n\r\n");
			if (!end)
				continue;
			length = strcasestr(buf, "\r\nContent-Length:");
			want = (size_t)(end + 4 - buf) +
			       (length && length < end ? strtoul(length + 17, NULL, 10) : 0);
			if (want >= size)
				return false;
		}
	}
	if (!end || len < want)
		return false;
	*end = '\0';
	*ret_body = end + 4;
	return true;
}

static inline bool fake_answer(int fd, const struct fake_row *row)
{
	static const struct fake_row none = { .status = 404,
					      .body = "{\"message\":\"no such row\"}" };
	const struct fake_row *r = row ? row : &none;
	const size_t len = r->len ? r->len : r->body ? strlen(r->body) : 0;
	char head[128];
	int n;

	if (r->delay_ms)
		(void)poll(NULL, 0, r->delay_ms);
	if (r->status == 0)
		return false;
	n = r->status == 204 || r->status == 304 ?
		    snprintf(head, sizeof(head), "HTTP/1.1 %d X\r\n\r\n", r->status) :
		    snprintf(head, sizeof(head), "HTTP/1.1 %d X\r\nContent-Length: %zu\r\n\r\n",
			     r->status, len);
	return write(fd, head, (size_t)n) == n &&
	       (len == 0 || write(fd, r->body, len) == (ssize_t)len);
}

static inline void *fake_serve(void *arg)
{
	struct fake_connection *c = arg;
	static __thread char buf[1 << 16];
	char method[16], path[1024], *body;
	bool open = true;

	while (open && fake_read(c->fd, buf, sizeof(buf), &body)) {
		if (sscanf(buf, "%15s %1023s", method, path) != 2)
			break;
		fake_note(c->f, method, path, body);
		open = fake_answer(c->fd, fake_find(c->f, method, path));
	}
	(void)close(c->fd);
	free(c);
	return NULL;
}

static inline void fake_run(struct fake *f)
{
	pthread_t t;
	int fd;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	while ((fd = accept(f->listener, NULL, NULL)) >= 0) {
		struct fake_connection *c = malloc(sizeof(*c));

		*c = (struct fake_connection){ .f = f, .fd = fd };
		if (pthread_create(&t, NULL, fake_serve, c) == 0)
			(void)pthread_detach(t);
	}
	_exit(0);
}

/* Listen and fork; `rows` end with a row of zeros and must stay. */
static inline void fake_start(struct fake *f, const struct fake_row *rows)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	if (!f->dir[0]) {
		(void)snprintf(f->dir, sizeof(f->dir), "/tmp/ros-fake-XXXXXX");
		if (!mkdtemp(f->dir))
			abort();
		(void)snprintf(f->socket, sizeof(f->socket), "%s/sock", f->dir);
		(void)snprintf(f->log, sizeof(f->log), "%s/log", f->dir);
	}
	f->rows = rows;
	(void)unlink(f->socket);
	(void)snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", f->socket);
	f->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (f->listener < 0 || bind(f->listener, (struct sockaddr *)&addr, sizeof(addr)) < 0 ||
	    listen(f->listener, 32) < 0)
		abort();
	f->pid = fork();
	if (f->pid == 0)
		fake_run(f);
	(void)close(f->listener);
}

static inline void fake_stop(struct fake *f)
{
	if (f->pid > 0) {
		(void)kill(f->pid, SIGKILL);
		(void)waitpid(f->pid, NULL, 0);
		f->pid = 0;
	}
}

static inline void fake_done(struct fake *f)
{
	fake_stop(f);
	(void)(unlink(f->socket) | unlink(f->log) | rmdir(f->dir));
}
