/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns the protocol. The sender is known by the credentials that the kernel adds, never by the
 * text.
 */
#include "lib/supervise_notify.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/scope.h"

/* What sd_notify sends is short; anything longer is cut. */
#define MESSAGE_MAX 4096

int supervise_notify_open(const char *path, int *ret_fd, struct error *err)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	AUTO_CLOSE int fd = -1;
	int on = 1;

	if (strlen(path) >= sizeof(sa.sun_path))
		return error_set(err, EINVAL, "notify path is too long: %s", path);
	memcpy(sa.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return error_sys(err, errno, "notify socket");
	(void)unlink(path);
	if (setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) < 0 ||
	    bind(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0)
		return error_sys(err, errno, "bind %s", path);
	*ret_fd = TAKE_FD(fd);
	return 0;
}

/* READY=1 as a line of its own. */
static bool says_ready(const char *text)
{
	const char *p = text;

	while (p && strncmp(p, "READY=1", 7) != 0) {
		p = strchr(p, '\n');
		if (p)
			p++;
	}
	return p && (p[7] == '\n' || p[7] == '\0');
}

static pid_t sender(struct msghdr *msg)
{
	struct ucred cred;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_CREDENTIALS) {
			memcpy(&cred, CMSG_DATA(c), sizeof(cred));
			return cred.pid;
		}
	}
	return 0;
}

bool supervise_notify_read(int fd, pid_t *pid)
{
	char text[MESSAGE_MAX];
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(struct ucred)) + 64];
	} control;
	struct iovec iov = { .iov_base = text, .iov_len = sizeof(text) - 1 };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = &control,
			      .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	if (n < 0)
		return false;
	text[n] = '\0';
	*pid = says_ready(text) ? sender(&msg) : 0;
	return true;
}

void supervise_notify_ready(void)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	AUTO_CLOSE int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (!path || strlen(path) >= sizeof(sa.sun_path) || fd < 0)
		return;
	memcpy(sa.sun_path, path, strlen(path) + 1);
	(void)!sendto(fd, "READY=1", 7, 0, (struct sockaddr *)&sa, sizeof(sa));
}
