/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns the lock of the group and the answer of its shim.
 */
#include "init/shim/group.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/file.h"
#include "lib/proc.h"
#include "lib/scope.h"

#define CONFIG_MAX (1u << 20)
#define REPLY_MAX 4096
/* A shim starts in well under a second. */
#define LOCK_S 60
#define SHIM_S 60

bool group_has(const char *config)
{
	struct buf AUTO_BUF text = BUF_WITH_LIMIT(CONFIG_MAX);
	AUTO_CLOSE int fd = open(config, O_RDONLY | O_CLOEXEC);
	struct error err = { 0 };

	return fd >= 0 && file_read_fd(fd, config, &text, &err) == 0 &&
	       strstr(buf_text(&text), GROUP_ANNOTATION);
}

static void on_alarm(int sig)
{
	(void)sig;
}

/* flock(2) has no deadline: a signal that is handled ends it. The descriptor holds the lock. */
static int lock_group(const char *path, int *ret, struct error *err)
{
	const struct sigaction wake = { .sa_handler = on_alarm };
	AUTO_CLOSE int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	int r;

	if (fd < 0)
		return error_sys(err, errno, "%s", path);
	(void)sigaction(SIGALRM, &wake, NULL);
	(void)alarm(LOCK_S);
	r = flock(fd, LOCK_EX) < 0 ? errno : 0;
	(void)alarm(0);
	if (r == EINTR)
		return error_set(err, ETIMEDOUT, "%s: another shim has been starting for %d s",
				 path, LOCK_S);
	if (r > 0)
		return error_sys(err, r, "%s", path);
	*ret = TAKE_FD(fd);
	return 0;
}

/* Whether somebody listens at the address of the kept answer (JSON with "unix:///PATH"). */
static bool is_served(const char *reply)
{
	static const char scheme[] = "unix://";
	AUTO_CLOSE int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	const char *path = strstr(reply, scheme);
	size_t len;

	if (!path)
		return false;
	path += strlen(scheme);
	len = strcspn(path, "\"\n");
	if (fd < 0 || len == 0 || len >= sizeof(sa.sun_path))
		return false;
	memcpy(sa.sun_path, path, len);
	return connect(fd, (const struct sockaddr *)&sa, sizeof(sa)) == 0;
}

/* What the shim prints; the daemon that it leaves behind holds no end of the pipe. One that hangs
 * ends us, and with us the lock: containerd sees by which signal. */
static int run_shim(const struct group *g, char *const *argv, struct buf *reply, struct error *err)
{
	const char *const *args = (const char *const *)argv;
	AUTO_CLOSE int from = -1;
	AUTO_CLOSE int to = -1;
	int ends[2], status, r;
	char text[64];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_sys(err, errno, "pipe");
	from = ends[0];
	to = ends[1];
	r = proc_spawn(&(struct proc_spec){ .argv = args, .env = (const char *const *)environ,
					    .dir = ".", .in = 0, .out = to, .err = 2 },
		       &pid, NULL, err);
	if (r < 0)
		return r;
	scope_close(&to);
	(void)signal(SIGALRM, SIG_DFL);
	(void)alarm(SHIM_S);
	r = file_read_fd(from, g->shim, reply, err);
	if (r == 0)
		r = proc_wait(pid, -1, SHIM_S * 1000, &status, err);
	(void)alarm(0);
	if (r == 0 && status != 0)
		return error_set(err, EIO, "%s %s", g->shim,
				 proc_status_text(status, text, sizeof(text)));
	return r;
}

int group_start(const struct group *g, char *const *argv, int out, struct error *err)
{
	static const struct file_attr attr = { .mode = 0600, .relaxed = true };
	struct buf AUTO_BUF reply = BUF_WITH_LIMIT(REPLY_MAX);
	AUTO_CLOSE int lock = -1;
	int r = lock_group(g->lock, &lock, err);

	if (r < 0)
		return r;
	if (file_read(FILE_ROOT, g->reply, &reply, err) < 0 || !is_served(buf_text(&reply))) {
		error_reset(err);
		buf_reset(&reply);
		r = run_shim(g, argv, &reply, err);
		if (r == 0)
			r = file_publish(FILE_ROOT, g->reply, reply.data, reply.len, &attr, NULL,
					 err);
	}
	if (r == 0 && write(out, buf_text(&reply), reply.len) != (ssize_t)reply.len)
		r = error_sys(err, errno, "the answer");
	return r;
}
