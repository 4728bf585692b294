/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Running a program to its end: bounded capture of what it prints, and a deadline that it cannot
 * outlive, nor those it started.
 */
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "lib/clock.h"
#include "lib/proc.h"

/* The end of the output, for the message of a failure. */
#define RUN_TAIL 256
/* How long the kernel may take to end what was killed. */
#define RUN_KILL_MS 5000

struct run {
	const char *name;
	struct buf *out; /* may be NULL */
	int64_t deadline;
	int timeout_ms;
	int fd; /* what it prints; -1 once that ended */
	char tail[RUN_TAIL + 1];
	size_t tail_len;
};

/* Input as a file in memory: it never blocks, and nobody gets SIGPIPE for what was not read. */
static int input_open(const char *data, int *ret, struct error *err)
{
	AUTO_CLOSE int fd = -1;
	size_t len, done = 0;

	if (!data)
		return 0;
	fd = memfd_create("input", MFD_CLOEXEC);
	if (fd < 0)
		return error_sys(err, errno, "memfd");
	for (len = strlen(data); done < len;) {
		ssize_t n = write(fd, data + done, len - done);

		if (n < 0 && errno != EINTR)
			return error_sys(err, errno, "write input");
		done += n > 0 ? (size_t)n : 0;
	}
	if (lseek(fd, 0, SEEK_SET) < 0)
		return error_sys(err, errno, "rewind input");
	*ret = TAKE_FD(fd);
	return 0;
}

static void keep_tail(struct run *run, const char *data, size_t len)
{
	size_t keep;

	if (len > RUN_TAIL) {
		data += len - RUN_TAIL;
		len = RUN_TAIL;
	}
	keep = run->tail_len < RUN_TAIL - len ? run->tail_len : RUN_TAIL - len;
	memmove(run->tail, run->tail + run->tail_len - keep, keep);
	memcpy(run->tail + keep, data, len);
	run->tail_len = keep + len;
}

/* The last line that says something, safe to print on a console. */
static const char *last_line(struct run *run)
{
	char *line = run->tail;
	size_t len = run->tail_len;

	for (size_t i = 0; i < len; i++)
		if ((unsigned char)line[i] < 0x20 && line[i] != '\n')
			line[i] = ' ';
	while (len > 0 && (line[len - 1] == '\n' || line[len - 1] == ' '))
		len--;
	line[len] = '\0';
	while (len > 0 && line[len - 1] != '\n')
		len--;
	line += len;
	return line + strspn(line, " ");
}

/* Take what is there to read; the descriptor does not block. What passes the limit is read on, so
 * that the program can end, and sticks as the buffer's failure. Returns 1 when the deadline passed
 * and there was still more. */
static int collect(struct run *run, struct error *err)
{
	char chunk[4096];

	for (;;) {
		ssize_t n = read(run->fd, chunk, sizeof(chunk));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return 0;
		if (n < 0)
			return error_sys(err, errno, "read from %s", run->name);
		if (n == 0) {
			(void)close(TAKE_FD(run->fd));
			return 0;
		}
		keep_tail(run, chunk, (size_t)n);
		if (run->out)
			buf_add(run->out, chunk, (size_t)n);
		/* A program that prints without end must not keep us here past the deadline. */
		if (clock_left_ms(run->deadline) == 0)
			return 1;
	}
}

/* Until the process ended, whoever else may still hold its output open. */
static int watch(struct run *run, int pidfd, struct error *err)
{
	int ready, r;

	for (;;) {
		struct pollfd p[2] = {
			{ .fd = pidfd, .events = POLLIN },
			{ .fd = run->fd, .events = POLLIN },
		};

		ready = poll(p, ARRAY_LEN(p), clock_left_ms(run->deadline));
		if (ready < 0 && errno != EINTR)
			return error_sys(err, errno, "poll");
		r = run->fd >= 0 ? collect(run, err) : 0;
		if (r < 0)
			return r;
		if (r == 0 && ready > 0 && p[0].revents)
			return 0;
		if (clock_left_ms(run->deadline) == 0)
			return error_set(err, ETIMEDOUT, "not done after %d ms", run->timeout_ms);
	}
}

/* Its message, with the program's name in front and its last words behind. */
static int report(struct run *run, int r, const char *what, struct error *err)
{
	const char *line = last_line(run);

	return error_set(err, -r, "%s: %s%s%s", run->name, what, line[0] ? ": " : "", line);
}

static int finish(struct run *run, pid_t pid, int pidfd, struct error *err)
{
	struct error why = { 0 };
	char text[64];
	int r, status;

	r = watch(run, pidfd, &why);
	if (r < 0) {
		/* It leads its session and process group: this ends what it started, too. */
		(void)kill(-pid, SIGKILL);
		if (proc_wait(pid, pidfd, RUN_KILL_MS, &status, NULL) < 0)
			(void)error_wrap(&why, r, "cannot be killed");
		return report(run, r, why.msg, err);
	}
	r = proc_wait(pid, pidfd, RUN_KILL_MS, &status, err);
	if (r < 0)
		return error_wrap(err, r, "%s", run->name);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return report(run, -EIO, proc_status_text(status, text, sizeof(text)), err);
	if (!run->out)
		return 0;
	r = buf_check(run->out, err);
	return r < 0 ? error_wrap(err, r, "output of %s", run->name) : 0;
}

int proc_run(const char *const *argv, const char *in_data, int timeout_ms, struct buf *out,
	     struct error *err)
{
	struct run run = {
		.name = argv[0],
		.out = out,
		.deadline = clock_ms() + timeout_ms,
		.timeout_ms = timeout_ms,
		.fd = -1,
	};
	AUTO_CLOSE int in = -1, write_end = -1, read_end = -1, pidfd = -1;
	struct proc_spec spec = { .argv = argv, .new_session = true };
	int fds[2], r;
	pid_t pid;

	r = input_open(in_data, &in, err);
	if (r < 0)
		return r;
	if (pipe2(fds, O_CLOEXEC) < 0)
		return error_sys(err, errno, "pipe");
	read_end = fds[0];
	write_end = fds[1];
	/* Only our end: the program expects an ordinary pipe. */
	if (fcntl(read_end, F_SETFL, O_NONBLOCK) < 0)
		return error_sys(err, errno, "pipe");
	spec.in = in;
	spec.out = write_end;
	spec.err = write_end;
	r = proc_spawn(&spec, &pid, &pidfd, err);
	if (r < 0)
		return r;
	(void)close(TAKE_FD(write_end));
	run.fd = TAKE_FD(read_end);
	r = finish(&run, pid, pidfd, err);
	scope_close(&run.fd);
	return r;
}
