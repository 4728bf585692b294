/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opens the server's socket.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "datasource/serve/server.h"
#include "lib/scope.h"

#define DEFAULT_HOST "127.0.0.1"
#define DEFAULT_PORT "8000"
#define BACKLOG      64

struct place {
	char host[64], port[8];
};

static bool is_number(const char *s)
{
	return *s && strspn(s, "0123456789") == strlen(s) && strlen(s) < 6;
}

static bool split(const char *where, struct place *p)
{
	const char *colon = strrchr(where, ':'), *end = strchr(where, ']');
	int n;

	*p = (struct place){ .host = DEFAULT_HOST, .port = DEFAULT_PORT };
	if (is_number(where)) {
		(void)snprintf(p->port, sizeof(p->port), "%s", where);
		return true;
	}
	if (*where == '[') {
		if (!end || (end[1] && end[1] != ':'))
			return false;
		n = snprintf(p->host, sizeof(p->host), "%.*s", (int)(end - where - 1), where + 1);
		colon = end[1] ? end + 1 : NULL;
	} else {
		n = snprintf(p->host, sizeof(p->host), "%.*s",
			     (int)(colon ? colon - where : (long)strlen(where)), where);
	}
	if (n <= 0 || n >= (int)sizeof(p->host) || (colon && !is_number(colon + 1)))
		return false;
	if (colon)
		(void)snprintf(p->port, sizeof(p->port), "%.7s", colon + 1);
	return true;
}

static int name_socket(int fd, char address[SERVE_ADDRESS], struct error *err)
{
	struct sockaddr_storage sa;
	socklen_t len = sizeof(sa);
	char host[NI_MAXHOST], port[NI_MAXSERV];

	if (getsockname(fd, (struct sockaddr *)&sa, &len) < 0 ||
	    getnameinfo((const struct sockaddr *)&sa, len, host, sizeof(host), port, sizeof(port),
			NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		return error_sys(err, errno, "the server's address");
	(void)snprintf(address, SERVE_ADDRESS,
		       sa.ss_family == AF_INET6 ? "http://[%.64s]:%.8s" : "http://%.64s:%.8s", host,
		       port);
	return 0;
}

static int open_socket(const struct addrinfo *ai, const char *where, int *ret, struct error *err)
{
	AUTO_CLOSE int fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int on = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
	    bind(fd, ai->ai_addr, ai->ai_addrlen) < 0 || listen(fd, BACKLOG) < 0)
		return error_sys(err, errno, "listen on %s", where);
	*ret = TAKE_FD(fd);
	return 0;
}

int serve_listen(const char *where, int *ret, char address[SERVE_ADDRESS], struct error *err)
{
	const struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
					.ai_socktype = SOCK_STREAM };
	struct addrinfo *ai = NULL;
	struct place p;
	int r;

	if (!split(where, &p) || getaddrinfo(p.host, p.port, &hints, &ai) != 0)
		return error_set(err, EINVAL,
				 "%s is no address to listen on (say 127.0.0.1:8000 or [::1]:80)",
				 where);
	r = open_socket(ai, where, ret, err);
	freeaddrinfo(ai);
	return r < 0 ? r : name_socket(*ret, address, err);
}
