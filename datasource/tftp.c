/* SPDX-License-Identifier: Apache-2.0 */
/*
 * User-data by TFTP (RFC 1350), `tftp:HOST[:PORT]/PATH`: a read request, then blocks of 512 bytes
 * from the port that answers, each acknowledged; the first short one is the last.
 */
#include <ctype.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "datasource/datasource.h"
#include "lib/clock.h"
#include "lib/http/guard.h"
#include "lib/scope.h"

#define BLOCK 512
/* What got lost is sent again after this long. */
#define RESEND_MS 1000
#define NAME_MAX_LEN 400

enum { RRQ = 1, DATA = 3, ACK = 4, ERROR = 5 };

struct transfer {
	int fd;
	struct sockaddr_storage to; /* the server's port, then the one that it chose */
	socklen_t to_len;
	bool is_bound; /* it has chosen */
	unsigned char packet[NAME_MAX_LEN + 16]; /* what was sent last */
	size_t packet_len;
	uint16_t block; /* the next one */
	int64_t deadline;
};

static int resolve(struct transfer *t, const char *host, const char *port, bool allow_loopback,
		   struct error *err)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_DGRAM };
	struct addrinfo *list = NULL;
	int r = getaddrinfo(host, port, &hints, &list);

	if (r != 0)
		return error_set(err, EAGAIN, "%s: %s", host, gai_strerror(r));
	memcpy(&t->to, list->ai_addr, list->ai_addrlen);
	t->to_len = list->ai_addrlen;
	t->fd = socket(list->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	freeaddrinfo(list);
	if (t->fd < 0)
		return error_sys(err, errno, "tftp");
	if (!allow_loopback && !guard_is_public((const struct sockaddr *)&t->to))
		return error_set(err, ECANCELED,
				 "%s leads to this machine or its platform, where no URL may go",
				 host);
	return 0;
}

static void make_request(struct transfer *t, const char *path)
{
	int n = snprintf((char *)t->packet + 2, sizeof(t->packet) - 2, "%.*s%coctet", NAME_MAX_LEN,
			 path, '\0');

	t->packet[0] = 0;
	t->packet[1] = RRQ;
	t->packet_len = 2 + (size_t)n + 1;
	t->block = 1;
}

static void make_ack(struct transfer *t)
{
	t->packet[0] = 0;
	t->packet[1] = ACK;
	t->packet[2] = (unsigned char)(t->block >> 8);
	t->packet[3] = (unsigned char)t->block;
	t->packet_len = 4;
	t->block++;
}

static bool same_host(const struct sockaddr_storage *a, const struct sockaddr_storage *b)
{
	char x[64], y[64];

	guard_text((const struct sockaddr *)a, x, sizeof(x));
	guard_text((const struct sockaddr *)b, y, sizeof(y));
	return !strcmp(x, y);
}

/* A packet from the server; 0 bytes when none came in time. */
static ssize_t receive(struct transfer *t, unsigned char *p, size_t size)
{
	struct pollfd wait = { .fd = t->fd, .events = POLLIN };
	struct sockaddr_storage from = { 0 };
	socklen_t len = sizeof(from);
	int left = clock_left_ms(t->deadline);
	ssize_t n;

	if (poll(&wait, 1, left < RESEND_MS ? left : RESEND_MS) <= 0)
		return 0;
	n = recvfrom(t->fd, p, size, MSG_DONTWAIT, (struct sockaddr *)&from, &len);
	if (n < 4 || !same_host(&from, &t->to) ||
	    (t->is_bound && memcmp(&from, &t->to, len) != 0))
		return 0;
	t->to = from;
	t->to_len = len;
	t->is_bound = true;
	return n;
}

/* What an error packet says, as a part of one line. */
static int refused(const unsigned char *p, size_t len, struct error *err)
{
	char text[128];
	size_t n = 0;

	while (n < len - 4 && n < sizeof(text) - 1 && p[4 + n]) {
		text[n] = isprint(p[4 + n]) ? (char)p[4 + n] : '.';
		n++;
	}
	text[n] = '\0';
	return error_set(err, p[3] == 1 ? ENOENT : EPROTO, "the server says: %s", text);
}

static int run(struct transfer *t, struct buf *ret, struct error *err)
{
	for (bool again = true;;) {
		unsigned char p[4 + BLOCK];
		ssize_t n;

		if (clock_left_ms(t->deadline) == 0)
			return error_set(err, ETIMEDOUT, "no answer");
		if (again)
			(void)!sendto(t->fd, t->packet, t->packet_len, 0,
				      (const struct sockaddr *)&t->to, t->to_len);
		n = receive(t, p, sizeof(p));
		again = n == 0;
		if (n > 0 && p[1] == ERROR)
			return refused(p, (size_t)n, err);
		if (n == 0 || p[1] != DATA || (p[2] << 8 | p[3]) != t->block)
			continue;
		buf_add(ret, p + 4, (size_t)n - 4);
		if (ret->failed)
			return buf_check(ret, err);
		make_ack(t);
		again = true;
		if (n < 4 + BLOCK) {
			(void)!sendto(t->fd, t->packet, t->packet_len, 0,
				      (const struct sockaddr *)&t->to, t->to_len);
			return buf_check(ret, err);
		}
	}
}

/* HOST[:PORT]/PATH, an IPv6 address in brackets. */
static int split(const char *arg, char host[256], char port[8], const char **path,
		 struct error *err)
{
	const char *slash = strchr(arg, '/');
	const char *end = arg[0] == '[' ? strchr(arg, ']') : strchr(arg, ':');
	const char *from = arg + (arg[0] == '[');
	const char *colon;

	if (!end || !slash || end > slash)
		end = slash;
	if (!slash || !slash[1] || (arg[0] == '[' && *end != ']') || end == from ||
	    end - from > 255 || strlen(slash) > NAME_MAX_LEN)
		return error_set(err, EINVAL, "%.100s: HOST[:PORT]/PATH is wanted", arg);
	(void)snprintf(host, 256, "%.*s", (int)(end - from), from);
	colon = *end == ']' ? end + 1 : end;
	(void)snprintf(port, 8, "%.*s", *colon == ':' ? (int)(slash - colon - 1) : 2,
		       *colon == ':' ? colon + 1 : "69");
	*path = slash + 1;
	return 0;
}

static int fetch(const struct datasource_ctx *c, struct datasource_payload *ret, struct error *err)
{
	struct transfer t = { .fd = -1 };
	struct buf *b = &ret->part[DATASOURCE_USER_DATA];
	const char *path = NULL, *arg = c->arg ? c->arg : "";
	char host[256], port[8];
	AUTO_CLOSE int fd = -1;
	int r;

	if (!strncmp(arg, "//", 2))
		arg += 2;
	r = split(arg, host, port, &path, err);
	if (r == 0 && c->require_tls)
		r = error_set(err, ECANCELED, "tftp is refused (rancher.cloud_init.require_tls)");
	if (r < 0)
		return r;
	r = datasource_online(c, &t.deadline, err);
	if (r < 0)
		return r;
	r = resolve(&t, host, port, c->allow_loopback, err);
	fd = t.fd;
	if (r < 0)
		return r;
	*b = BUF_WITH_LIMIT(DATASOURCE_FILE_MAX);
	(void)snprintf(ret->where, sizeof(ret->where), "tftp://%.150s", arg);
	make_request(&t, path);
	r = run(&t, b, err);
	ret->has[DATASOURCE_USER_DATA] = r == 0;
	return r < 0 ? error_wrap(err, r, "tftp://%.150s", arg) : 0;
}

extern const struct datasource datasource_tftp;
const struct datasource datasource_tftp = { .name = "tftp", .needs_network = true, .fetch = fetch };
