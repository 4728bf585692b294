/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A web server on loopback for tests: answers every request with what its table has for the path,
 * and counts. A thread of the test's own process.
 */
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct fakepage_page {
	const char *path;
	const char *reply; /* status line, headers and body; NULL ends the table */
};

struct fakepage {
	const struct fakepage_page *pages;
	int listener;
	unsigned port;
	unsigned requests;
	pthread_t thread;
};

static inline const char *fakepage_find(const struct fakepage *w, const char *request)
{
	for (const struct fakepage_page *p = w->pages; p->path; p++) {
		size_t len = strlen(p->path);

		if (!strncmp(request, "GET ", 4) && !strncmp(request + 4, p->path, len) &&
		    request[4 + len] == ' ')
			return p->reply;
	}
	return "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
}

static inline void *fakepage_serve(void *arg)
{
	struct fakepage *w = arg;

	for (;;) {
		char request[4096];
		ssize_t n = 0;
		const char *reply;
		int fd = accept(w->listener, NULL, NULL);

		if (fd < 0)
			return NULL;
		n = recv(fd, request, sizeof(request) - 1, 0);
		if (n > 0) {
			request[n] = '\0';
			__atomic_add_fetch(&w->requests, 1, __ATOMIC_SEQ_CST);
			reply = fakepage_find(w, request);
			(void)!send(fd, reply, strlen(reply), MSG_NOSIGNAL);
		}
		(void)close(fd);
	}
}

static inline void fakepage_start(struct fakepage *w, const struct fakepage_page *pages)
{
	struct sockaddr_in addr = { .sin_family = AF_INET,
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(addr);

	*w = (struct fakepage){ .pages = pages, .listener = socket(AF_INET, SOCK_STREAM, 0) };
	if (w->listener < 0 || bind(w->listener, (struct sockaddr *)&addr, len) < 0 ||
	    listen(w->listener, 8) < 0 ||
	    getsockname(w->listener, (struct sockaddr *)&addr, &len) < 0 ||
	    pthread_create(&w->thread, NULL, fakepage_serve, w) != 0)
		abort();
	w->port = ntohs(addr.sin_port);
}

static inline void fakepage_stop(struct fakepage *w)
{
	if (w->listener < 0)
		return;
	(void)shutdown(w->listener, SHUT_RDWR);
	(void)pthread_join(w->thread, NULL);
	(void)close(w->listener);
	w->listener = -1;
}
