/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The asking side of init's control socket.
 */
#define _GNU_SOURCE 1
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include "lib/clock.h"
#include "lib/control.h"
#include "lib/scope.h"

/* A full backlog makes connect(2) wait at most for the socket's send timeout. */
static int dial(const char *path, int timeout_ms, int *ret, struct error *err)
{
	AUTO_CLOSE int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	/* Zero would mean for ever. */
	const int ms = timeout_ms > 0 ? timeout_ms : 1;
	const struct timeval tv = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };

	if (fd < 0)
		return error_sys(err, errno, "socket");
	if (strlen(path) >= sizeof(sa.sun_path))
		return error_sys(err, ENAMETOOLONG, "%.64s…", path);
	memcpy(sa.sun_path, path, strlen(path) + 1);
	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv)) < 0)
		return error_sys(err, errno, "socket");
	if (connect(fd, (const struct sockaddr *)&sa, sizeof(sa)) < 0) {
		if (errno == EAGAIN)
			return error_set(err, ETIMEDOUT, "no connection within %d ms", timeout_ms);
		return error_sys(err, errno, "connect");
	}
	*ret = TAKE_FD(fd);
	return 0;
}

static int send_request(int fd, const char *request, struct error *err)
{
	size_t len = strlen(request);
	ssize_t n;

	if (len == 0 || len > CONTROL_MAX || strchr(request, '\n'))
		return error_set(err, EINVAL, "a request is one line of at most %d bytes",
				 CONTROL_MAX);
	do
		n = send(fd, request, len, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EAGAIN)
		return error_set(err, ETIMEDOUT, "the request was not taken");
	if (n < 0 && errno == EPIPE)
		return error_sys(err, ECONNRESET, "send");
	return n < 0 ? error_sys(err, errno, "send") : 0;
}

/* One packet as text in `line` of CONTROL_MAX + 1 bytes. */
static int receive(int fd, int64_t deadline, char *line, struct error *err)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	ssize_t n;
	int ready;

	do
		ready = poll(&p, 1, clock_left_ms(deadline));
	while (ready < 0 && errno == EINTR);
	if (ready < 0)
		return error_sys(err, errno, "poll");
	if (ready == 0)
		return error_set(err, ETIMEDOUT, "no reply in time");
	/* MSG_TRUNC: the packet's real length. */
	n = recv(fd, line, CONTROL_MAX, MSG_TRUNC | MSG_DONTWAIT);
	if (n < 0)
		return error_sys(err, errno, "receive");
	if (n == 0)
		return error_set(err, ECONNRESET, "hung up without a reply");
	if (n > CONTROL_MAX)
		return error_set(err, EBADMSG, "a reply of more than %d bytes", CONTROL_MAX);
	line[n] = '\0';
	return 0;
}

/* The text behind the first word when that is `word`; NULL otherwise. */
static const char *after_word(const char *line, const char *word)
{
	size_t len = strlen(word);

	if (strncmp(line, word, len) != 0 || (line[len] != '\0' && line[len] != ' '))
		return NULL;
	return line + len + (line[len] == ' ');
}

static int take_reply(char *line, struct buf *reply, struct error *err)
{
	const char *text;

	line[strcspn(line, "\n")] = '\0';
	text = after_word(line, "error");
	if (text)
		return error_set(err, ECANCELED, "%s", text[0] ? text : "refused");
	text = after_word(line, "ok");
	if (!text)
		return error_set(err, EBADMSG, "\"%.64s\" is no reply", line);
	buf_str(reply, text);
	return buf_check(reply, err);
}

int control_ask_at(const char *path, const char *request, int timeout_ms, struct buf *reply,
		   struct error *err)
{
	int64_t deadline = clock_ms() + timeout_ms;
	char line[CONTROL_MAX + 1];
	AUTO_CLOSE int fd = -1;
	int r;

	r = dial(path, timeout_ms, &fd, err);
	if (r == 0)
		r = send_request(fd, request, err);
	if (r == 0)
		r = receive(fd, deadline, line, err);
	if (r < 0)
		return error_wrap(err, r, "init at %s", path);
	r = take_reply(line, reply, err);
	return r < 0 ? error_wrap(err, r, "init") : 0;
}

int control_ask(const char *request, int timeout_ms, struct buf *reply, struct error *err)
{
	return control_ask_at(CONTROL_PATH, request, timeout_ms, reply, err);
}
