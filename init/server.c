/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns the control socket. A client is answered at once and in one datagram, so it holds nobody up;
 * a client that says nothing takes one of few places until it leaves.
 */
#include "init/server.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/control.h"
#include "lib/scope.h"

#define CLIENTS_MAX 16

static struct {
	struct supervise *sup;
	const struct server_ops *ops;
	size_t n_clients;
} server;

static void drop(int fd)
{
	supervise_unwatch(server.sup, fd);
	(void)close(fd);
	server.n_clients--;
}

static void answer(int fd, const char *text)
{
	AUTO_BUF struct buf reply = BUF_WITH_LIMIT(CONTROL_MAX - 1);
	AUTO_BUF struct buf line = BUF_WITH_LIMIT(CONTROL_MAX + 64);
	struct error err = { 0 };

	if (server.ops->request(server.ops->arg, text, &reply, &err) < 0)
		buf_fmt(&line, "error %s", err.msg);
	else
		buf_fmt(&line, "ok %s", buf_text(&reply));
	if (buf_check(&line, NULL) == 0)
		(void)send(fd, buf_text(&line), line.len, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void client_readable(void *arg, int fd)
{
	char text[CONTROL_MAX];
	ssize_t n = recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT);

	(void)arg;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		drop(fd);
		return;
	}
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	answer(fd, text);
}

static bool is_root(int fd)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) == 0 && cred.uid == 0;
}

static void listener_readable(void *arg, int listener)
{
	static const char refused[] = "error only root may ask";
	static const char busy[] = "error too many clients";
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)arg;
	if (fd < 0)
		return;
	if (!is_root(fd)) {
		(void)send(fd, refused, strlen(refused), MSG_DONTWAIT | MSG_NOSIGNAL);
	} else if (server.n_clients >= CLIENTS_MAX ||
		   supervise_watch(server.sup, fd, client_readable, NULL, NULL) < 0) {
		(void)send(fd, busy, strlen(busy), MSG_DONTWAIT | MSG_NOSIGNAL);
	} else {
		server.n_clients++;
		return;
	}
	(void)close(fd);
}

int server_open(struct supervise *sup, const struct server_ops *ops, struct error *err)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX, .sun_path = CONTROL_PATH };
	AUTO_CLOSE int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return error_sys(err, errno, "control socket");
	(void)unlink(CONTROL_PATH);
	if (bind(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0 || chmod(CONTROL_PATH, 0600) < 0 ||
	    listen(fd, CLIENTS_MAX) < 0)
		return error_sys(err, errno, "listen on " CONTROL_PATH);
	server.sup = sup;
	server.ops = ops;
	if (supervise_watch(sup, fd, listener_readable, NULL, err) < 0)
		return -err->code;
	(void)TAKE_FD(fd);
	return 0;
}
