/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starting a program and waiting for its end.
 *
 * Everything that needs memory is done before the fork; the child makes only system calls, so that
 * a parent with threads (libcurl's resolver) may start programs, too. What fails in the child comes
 * back through a close-on-exec pipe, which ends silently when the exec works.
 */
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <linux/close_range.h>

#include "lib/clock.h"
#include "lib/proc.h"

/* How long a child may take from fork to exec: the disk with the program may be busy. */
#define PROC_EXEC_MS 120000

enum stage { STAGE_CGROUP, STAGE_DESCRIPTORS, STAGE_TTY, STAGE_DIR, STAGE_EXEC, N_STAGES };

static const char *const stage_names[N_STAGES] = {
	[STAGE_CGROUP] = "join cgroup",
	[STAGE_DESCRIPTORS] = "set up descriptors",
	[STAGE_TTY] = "open terminal",
	[STAGE_DIR] = "change directory",
	[STAGE_EXEC] = "exec",
};

/* What the child says when it could not become the program. */
struct failure {
	enum stage stage;
	int code;
};

/* All that the child needs, made ready by the parent. */
struct launch {
	const struct proc_spec *spec;
	char path[PATH_MAX];
	char procs[PATH_MAX]; /* cgroup.procs of the cgroup to join, "" for none */
	int report;           /* write end of the pipe */
};

static const char *const default_env[] = { "PATH=" PROC_PATH, "HOME=/root", NULL };

/* execve() takes pointers to writable strings for the sake of old programs; it writes nothing. */
static char *const *exec_list(const char *const *list)
{
	return (char *const *)(uintptr_t)list;
}

static int find_program(const char *name, char path[PATH_MAX], struct error *err)
{
	const char *dir = PROC_PATH;
	int n;

	if (strchr(name, '/')) {
		n = snprintf(path, PATH_MAX, "%s", name);
		return n < PATH_MAX ? 0 : error_sys(err, ENAMETOOLONG, "%.64s…", name);
	}
	while (*dir != '\0') {
		size_t len = strcspn(dir, ":");

		n = snprintf(path, PATH_MAX, "%.*s/%s", (int)len, dir, name);
		if (n < PATH_MAX && access(path, X_OK) == 0)
			return 0;
		dir += len + (dir[len] == ':');
	}
	return error_set(err, ENOENT, "%s: no such program in %s", name, PROC_PATH);
}

static void default_signals(void)
{
	struct sigaction sa = { .sa_handler = SIG_DFL };
	sigset_t none;

	/* SIGKILL and the like cannot be changed, nor need be. */
	for (int i = 1; i < NSIG; i++)
		(void)sigaction(i, &sa, NULL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static int join_cgroup(const struct launch *l)
{
	int fd, r;

	if (l->procs[0] == '\0')
		return 0;
	fd = open(l->procs, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = write(fd, "0", 1) == 1 ? 0 : -errno;
	(void)close(fd);
	return r;
}

/* The caller's descriptors may themselves be 0, 1 or 2 in any order: copy them away first. */
static int set_descriptors(const struct proc_spec *spec)
{
	const int want[3] = { spec->in, spec->out, spec->err };
	int copy[3];

	for (int i = 0; i < 3; i++) {
		int fd = want[i];

		if (fd < 0)
			fd = open("/dev/null", O_RDWR | O_CLOEXEC);
		if (fd < 0)
			return -errno;
		copy[i] = fcntl(fd, F_DUPFD_CLOEXEC, 3);
		if (copy[i] < 0)
			return -errno;
	}
	for (int i = 0; i < 3; i++)
		if (dup2(copy[i], i) < 0)
			return -errno;
	return 0;
}

static int set_terminal(const char *tty)
{
	int fd, flags;

	if (!tty)
		return 0;
	/* A serial line without carrier would make a plain open wait for ever. */
	fd = open(tty, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	flags = fcntl(fd, F_GETFL);
	if (flags < 0 || fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) < 0)
		return -errno;
	/* 1: also when a dead session still holds it (only root may). */
	if (ioctl(fd, TIOCSCTTY, geteuid() == 0) < 0)
		return -errno;
	for (int i = 0; i < 3; i++)
		if (dup2(fd, i) < 0)
			return -errno;
	return 0;
}

static NORETURN void give_up(int report, enum stage stage, int r)
{
	const struct failure f = { .stage = stage, .code = -r };

	/* Nobody left to tell when this fails; the parent then sees the exit code. */
	if (write(report, &f, sizeof(f)) < 0)
		_exit(126);
	_exit(127);
}

static NORETURN void become(const struct launch *l)
{
	const struct proc_spec *spec = l->spec;
	int report, r;

	default_signals();
	report = fcntl(l->report, F_DUPFD_CLOEXEC, 3);
	if (report < 0)
		give_up(l->report, STAGE_DESCRIPTORS, -errno);
	if (spec->new_session)
		(void)setsid(); /* cannot fail right after fork: we lead no process group */
	r = join_cgroup(l);
	if (r < 0)
		give_up(report, STAGE_CGROUP, r);
	r = set_descriptors(spec);
	if (r < 0)
		give_up(report, STAGE_DESCRIPTORS, r);
	r = set_terminal(spec->tty);
	if (r < 0)
		give_up(report, STAGE_TTY, r);
	if (chdir(spec->dir ? spec->dir : "/") < 0)
		give_up(report, STAGE_DIR, -errno);
	(void)close_range(3, UINT_MAX, CLOSE_RANGE_CLOEXEC);
	(void)execve(l->path, exec_list(spec->argv),
		     exec_list(spec->env ? spec->env : default_env));
	give_up(report, STAGE_EXEC, -errno);
}

/* The thing a stage was about, for the message. */
static const char *stage_object(const struct launch *l, enum stage stage)
{
	switch (stage) {
	case STAGE_CGROUP:
		return l->procs;
	case STAGE_TTY:
		return l->spec->tty;
	case STAGE_DIR:
		return l->spec->dir ? l->spec->dir : "/";
	default:
		return l->path;
	}
}

/* Wait until the child became the program (the pipe ends) or said why not. */
static int await_exec(const struct launch *l, int pipe_fd, struct error *err)
{
	int64_t deadline = clock_ms() + PROC_EXEC_MS;
	struct pollfd p = { .fd = pipe_fd, .events = POLLIN };
	struct failure f;
	ssize_t n;
	int ready;

	do
		ready = poll(&p, 1, clock_left_ms(deadline));
	while (ready < 0 && errno == EINTR);
	if (ready < 0)
		return error_sys(err, errno, "poll");
	if (ready == 0)
		return error_set(err, ETIMEDOUT, "%s was not started within %d ms", l->path,
				 PROC_EXEC_MS);
	do
		n = read(pipe_fd, &f, sizeof(f));
	while (n < 0 && errno == EINTR);
	if (n == 0)
		return 0;
	if (n != (ssize_t)sizeof(f))
		return error_set(err, EIO, "%s: no word from the child", l->path);
	return error_sys(err, f.code, "%s %s", stage_names[f.stage], stage_object(l, f.stage));
}

static int prepare(const struct proc_spec *spec, struct launch *l, struct error *err)
{
	int n;

	if (!spec->argv || !spec->argv[0])
		return error_set(err, EINVAL, "no program to start");
	if (spec->tty && !spec->new_session)
		return error_set(err, EINVAL, "%s: a terminal needs a new session", spec->argv[0]);
	l->spec = spec;
	l->procs[0] = '\0';
	if (spec->cgroup) {
		n = snprintf(l->procs, sizeof(l->procs), "%s/cgroup.procs", spec->cgroup);
		if (n >= (int)sizeof(l->procs))
			return error_sys(err, ENAMETOOLONG, "%.64s…", spec->cgroup);
	}
	return find_program(spec->argv[0], l->path, err);
}

/* Fork with every signal blocked: no handler of the parent's may run in the child. */
static pid_t fork_quietly(const struct launch *l)
{
	sigset_t all, old;
	pid_t pid;
	int code;

	(void)sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, &old);
	pid = fork();
	if (pid == 0)
		become(l);
	code = errno;
	(void)sigprocmask(SIG_SETMASK, &old, NULL);
	errno = code;
	return pid;
}

/* One write, so that lines of two threads do not mix. A command line holds no secrets. */
static void trace(const char *const *argv)
{
	AUTO_BUF struct buf line = BUF_WITH_LIMIT(4096);

	buf_str(&line, "+");
	for (size_t i = 0; argv[i]; i++)
		buf_fmt(&line, " %s", argv[i]);
	buf_char(&line, '\n');
	(void)!write(STDERR_FILENO, buf_text(&line), line.len);
}

int proc_spawn(const struct proc_spec *spec, pid_t *ret_pid, int *ret_pidfd, struct error *err)
{
	AUTO_CLOSE int in = -1, out = -1, pidfd = -1;
	struct launch l;
	int fds[2], r;
	pid_t pid;

	r = prepare(spec, &l, err);
	if (r < 0)
		return r;
	if (getenv(PROC_TRACE))
		trace(spec->argv);
	if (pipe2(fds, O_CLOEXEC) < 0)
		return error_sys(err, errno, "pipe");
	in = fds[0];
	out = fds[1];
	l.report = out;
	pid = fork_quietly(&l);
	if (pid < 0)
		return error_sys(err, errno, "fork for %s", l.path);
	(void)close(TAKE_FD(out));
	r = await_exec(&l, in, err);
	if (r == 0 && ret_pidfd) {
		pidfd = pidfd_open(pid, 0);
		if (pidfd < 0)
			r = error_sys(err, errno, "pidfd of %s", l.path);
	}
	if (r < 0) {
		(void)kill(pid, SIGKILL);
		/* One that hangs in the kernel is left to whoever reaps orphans. */
		(void)waitpid(pid, NULL, r == -ETIMEDOUT ? WNOHANG : 0);
		return r;
	}
	*ret_pid = pid;
	if (ret_pidfd)
		*ret_pidfd = TAKE_FD(pidfd);
	return 0;
}

int proc_wait(pid_t pid, int pidfd, int timeout_ms, int *ret_status, struct error *err)
{
	int64_t deadline = clock_ms() + timeout_ms;
	AUTO_CLOSE int own = -1;
	struct pollfd p = { .fd = pidfd, .events = POLLIN };
	int ready, status;

	if (pidfd < 0) {
		own = pidfd_open(pid, 0);
		if (own < 0)
			return error_sys(err, errno, "pidfd of process %d", (int)pid);
		p.fd = own;
	}
	do
		ready = poll(&p, 1, timeout_ms < 0 ? -1 : clock_left_ms(deadline));
	while (ready < 0 && errno == EINTR);
	if (ready < 0)
		return error_sys(err, errno, "poll");
	if (ready == 0)
		return error_set(err, ETIMEDOUT, "process %d still runs after %d ms", (int)pid,
				 timeout_ms);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return error_sys(err, errno, "wait for process %d", (int)pid);
	*ret_status = status;
	return 0;
}

const char *proc_status_text(int status, char *text, size_t size)
{
	const char *name;

	if (WIFEXITED(status)) {
		(void)snprintf(text, size, "exited with %d", WEXITSTATUS(status));
	} else if (WIFSIGNALED(status)) {
		name = sigdescr_np(WTERMSIG(status));
		(void)snprintf(text, size, "killed by signal %d (%s)", WTERMSIG(status),
			       name ? name : "real-time");
	} else {
		(void)snprintf(text, size, "ended with status 0x%x", (unsigned)status);
	}
	return text;
}

bool proc_gone(int pidfd, int timeout_ms)
{
	struct pollfd p = { .fd = pidfd, .events = POLLIN };
	int64_t deadline = clock_ms() + timeout_ms;
	int r;

	do {
		r = poll(&p, 1, clock_left_ms(deadline));
	} while (r < 0 && errno == EINTR);
	return r > 0;
}
