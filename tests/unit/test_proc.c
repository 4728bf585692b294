/* SPDX-License-Identifier: Apache-2.0 */
/* Starting programs: what the child inherits, what fails where, deadlines, bounded output. */
#define _GNU_SOURCE 1
#include "tests/unit/check.h"
#include "tests/unit/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "lib/clock.h"
#include "lib/file.h"
#include "lib/proc.h"

#define SH(script) ((const char *const[]){ "sh", "-c", script, NULL })
#define SECONDS(n) ((n) * 1000)

/* Start a script as spec says, with its output in a pipe, and collect that. */
static void output_of(struct proc_spec spec, struct buf *out)
{
	AUTO_CLOSE int read_end = -1;
	struct error err = { 0 };
	int fds[2], pidfd = -1, status = -1;
	pid_t pid = 0;

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	read_end = fds[0];
	spec.in = -1;
	spec.out = fds[1];
	spec.err = fds[1];
	assert_ok(proc_spawn(&spec, &pid, &pidfd, &err), &err);
	(void)close(fds[1]);
	assert_ok(file_read_fd(read_end, "pipe", out, &err), &err);
	assert_ok(proc_wait(pid, pidfd, SECONDS(20), &status, &err), &err);
	assert_int_equal(status, 0);
	(void)close(pidfd);
}

static void environment_is_explicit(void **state)
{
	AUTO_BUF struct buf out = { 0 };
	const char *const env[] = { "ONE=1", "TWO=a b", NULL };
	const char *const argv[] = { "env", NULL };

	(void)state;
	(void)setenv("LEAKED", "yes", 1);
	output_of((struct proc_spec){ .argv = argv }, &out);
	assert_string_equal(buf_text(&out), "PATH=" PROC_PATH "\nHOME=/root\n");
	buf_reset(&out);
	output_of((struct proc_spec){ .argv = argv, .env = env }, &out);
	assert_string_equal(buf_text(&out), "ONE=1\nTWO=a b\n");
}

static void directory_is_explicit(void **state)
{
	AUTO_BUF struct buf out = { 0 };

	(void)state;
	output_of((struct proc_spec){ .argv = SH("pwd") }, &out);
	output_of((struct proc_spec){ .argv = SH("pwd"), .dir = "/proc" }, &out);
	assert_string_equal(buf_text(&out), "/\n/proc\n");
}

/* Ignored, blocked and caught signals of ours are at their defaults in the child. */
static void signals_are_reset(void **state)
{
	AUTO_BUF struct buf out = { 0 };
	sigset_t set, old;

	(void)state;
	(void)signal(SIGUSR1, SIG_IGN);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGUSR2);
	(void)sigprocmask(SIG_BLOCK, &set, &old);
	output_of((struct proc_spec){ .argv = (const char *const[]){
		"grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status", NULL } }, &out);
	(void)sigprocmask(SIG_SETMASK, &old, NULL);
	(void)signal(SIGUSR1, SIG_DFL);
	(void)signal(SIGPIPE, SIG_DFL);
	assert_memory_equal(buf_text(&out), "SigBlk:\t0000000000000000\nSigIgn:\t", 33);
	/* 32 and 33 are the C library's own, which a parent's posix_spawn may have left ignored. */
	assert_int_equal(strtoull(buf_text(&out) + 33, NULL, 16) & ~(UINT64_C(3) << 31), 0);
}

static void no_descriptor_leaks(void **state)
{
	AUTO_CLOSE int leak = open("/dev/null", O_RDONLY); /* without O_CLOEXEC */
	AUTO_BUF struct buf out = { 0 };

	(void)state;
	assert_true(leak > 2);
	/* `ls` itself opens the directory as 3. */
	output_of(
		(struct proc_spec){ .argv = (const char *const[]){ "ls", "/proc/self/fd", NULL } },
		&out);
	assert_string_equal(buf_text(&out), "0\n1\n2\n3\n");
}

/* Descriptors that are 0, 1 and 2 of ours in another order arrive as asked for. */
static void descriptors_may_be_crossed(void **state)
{
	AUTO_SCRATCH struct scratch s = scratch_make();
	struct error err = { 0 };
	AUTO_BUF struct buf one = { 0 }, two = { 0 };
	int root = -1, status = -1;
	pid_t pid;

	(void)state;
	assert_ok(file_root_open(s.path, &root, &err), &err);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		const struct proc_spec spec = {
			.argv = SH("echo out; echo err >&2"), .in = 2, .out = 0, .err = 1
		};
		int st = -1;

		for (int fd = 0; fd < 3; fd++)
			(void)close(fd);
		if (openat(root, "zero", O_RDWR | O_CREAT, 0600) != 0 ||
		    openat(root, "one", O_RDWR | O_CREAT, 0600) != 1 ||
		    open("/dev/null", O_RDONLY) != 2)
			_exit(2);
		if (proc_spawn(&spec, &pid, NULL, NULL) < 0)
			_exit(3);
		if (proc_wait(pid, -1, SECONDS(20), &st, NULL) < 0)
			_exit(4);
		_exit(st != 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_ok(file_read(root, "zero", &one, &err), &err);
	assert_ok(file_read(root, "one", &two, &err), &err);
	assert_string_equal(buf_text(&one), "out\n");
	assert_string_equal(buf_text(&two), "err\n");
	(void)close(root);
}

/* PID 1 may begin with none of 0, 1 and 2 open. */
static void works_without_standard_descriptors(void **state)
{
	int status = -1;
	pid_t pid;

	(void)state;
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		const struct proc_spec good = {
			.argv = SH("echo x; cat"), .in = -1, .out = -1, .err = -1
		};
		const struct proc_spec bad = { .argv = (const char *const[]){ "/no/program", NULL },
					       .in = -1,
					       .out = -1,
					       .err = -1 };
		int st = -1;

		for (int fd = 0; fd < 3; fd++)
			(void)close(fd);
		if (proc_spawn(&good, &pid, NULL, NULL) < 0)
			_exit(2);
		if (proc_wait(pid, -1, SECONDS(20), &st, NULL) < 0 || st != 0)
			_exit(3);
		_exit(proc_spawn(&bad, &pid, NULL, NULL) == -ENOENT ? 0 : 4);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void failures_are_told_by_the_parent(void **state)
{
	const struct {
		struct proc_spec spec;
		int ret;
		const char *msg;
	} cases[] = {
		{ { .argv = (const char *const[]){ NULL } }, -EINVAL, "no program to start" },
		{ { .argv = (const char *const[]){ "no-such-program", NULL } }, -ENOENT,
		  "no-such-program: no such program in " PROC_PATH },
		{ { .argv = (const char *const[]){ "/no/such", NULL } }, -ENOENT,
		  "exec /no/such: No such file or directory" },
		{ { .argv = (const char *const[]){ "/etc/passwd", NULL } }, -EACCES,
		  "exec /etc/passwd: Permission denied" },
		{ { .argv = SH(":"), .dir = "/no/dir" }, -ENOENT,
		  "change directory /no/dir: No such file or directory" },
		{ { .argv = SH(":"), .cgroup = "/no/cgroup" }, -ENOENT,
		  "join cgroup /no/cgroup/cgroup.procs: No such file or directory" },
		{ { .argv = SH(":"), .new_session = true, .tty = "/dev/null" }, -ENOTTY,
		  "open terminal /dev/null: Inappropriate ioctl for device" },
		{ { .argv = SH(":"), .tty = "/dev/null" }, -EINVAL,
		  "sh: a terminal needs a new session" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct error err = { 0 };
		int pidfd = -1;
		pid_t pid = -1;

		assert_int_equal(proc_spawn(&cases[i].spec, &pid, &pidfd, &err), cases[i].ret);
		assert_string_equal(err.msg, cases[i].msg);
		assert_int_equal(pid, -1);
		assert_int_equal(pidfd, -1);
	}
	/* And nobody is left behind. */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void joins_its_cgroup_first(void **state)
{
	AUTO_SCRATCH struct scratch s = scratch_make();
	AUTO_BUF struct buf out = { 0 };
	struct error err = { 0 };
	char procs[128], script[160];
	const char *const argv[] = { "sh", "-c", script, NULL };

	(void)state;
	/* A directory that looks like a cgroup: the program itself sees that "0" was written. */
	(void)snprintf(procs, sizeof(procs), "%s/cgroup.procs", s.path);
	(void)snprintf(script, sizeof(script), "cat %s", procs);
	assert_ok(file_append(FILE_ROOT, procs, "", 0, 0600, &err), &err);
	output_of((struct proc_spec){ .argv = argv, .cgroup = s.path }, &out);
	assert_string_equal(buf_text(&out), "0");
}

static void terminal_is_controlling(void **state)
{
	AUTO_CLOSE int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct proc_spec spec = {
		.argv = SH("tty; echo by-name >/dev/tty"), .in = -1, .out = -1, .err = -1,
		.new_session = true,
	};
	AUTO_BUF struct buf out = { 0 };
	struct error err = { 0 };
	char name[64], want[128];
	int status = -1;
	ssize_t n;
	pid_t pid = 0;

	(void)state;
	assert_true(master >= 0);
	assert_int_equal(grantpt(master), 0);
	assert_int_equal(unlockpt(master), 0);
	assert_int_equal(ptsname_r(master, name, sizeof(name)), 0);
	spec.tty = name;
	assert_ok(proc_spawn(&spec, &pid, NULL, &err), &err);
	do {
		char chunk[256];

		n = read(master, chunk, sizeof(chunk)); /* EIO once the terminal is closed */
		if (n > 0)
			buf_add(&out, chunk, (size_t)n);
	} while (n > 0);
	assert_ok(proc_wait(pid, -1, SECONDS(20), &status, &err), &err);
	assert_int_equal(status, 0);
	(void)snprintf(want, sizeof(want), "%s\r\nby-name\r\n", name);
	assert_string_equal(buf_text(&out), want);
}

static void wait_has_a_deadline(void **state)
{
	const struct proc_spec spec = { .argv = (const char *const[]){ "sleep", "1000", NULL },
					.in = -1, .out = -1, .err = -1 };
	struct error err = { 0 };
	int pidfd = -1, status = -1;
	int64_t start = clock_ms();
	pid_t pid = 0;

	(void)state;
	assert_ok(proc_spawn(&spec, &pid, &pidfd, &err), &err);
	assert_int_equal(proc_wait(pid, pidfd, 30, &status, &err), -ETIMEDOUT);
	assert_int_equal(status, -1);
	assert_true(clock_ms() - start >= 30);
	/* The child went on. */
	assert_int_equal(kill(pid, 0), 0);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_ok(proc_wait(pid, pidfd, -1, &status, &err), &err);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	(void)close(pidfd);
	assert_int_equal(proc_wait(pid, -1, 30, &status, &err), -ESRCH);
}

static void run_reports_how_it_ended(void **state)
{
	static const struct {
		const char *script, *in;
		int ret;
		const char *out, *msg;
	} cases[] = {
		{ "echo one; echo two >&2", NULL, 0, "one\ntwo\n", "" },
		{ "cat", "some\ntext", 0, "some\ntext", "" },
		{ "cat", NULL, 0, "", "" },
		{ "exit 3", NULL, -EIO, "", "sh: exited with 3" },
		{ "echo first; echo 'last words'; echo; exit 1", NULL, -EIO,
		  "first\nlast words\n\n", "sh: exited with 1: last words" },
		{ "printf '\\033[2Jred\\t'; exit 1", NULL, -EIO, "\033[2Jred\t",
		  "sh: exited with 1: [2Jred" },
		{ "kill -9 $$", NULL, -EIO, "", "sh: killed by signal 9 (Killed)" },
		/* One that holds the output open for long is not waited for. */
		{ "sleep 5 & echo started", NULL, 0, "started\n", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO_BUF struct buf out = { 0 };
		struct error err = { 0 };
		int64_t start = clock_ms();

		assert_int_equal(
			proc_run(SH(cases[i].script), cases[i].in, SECONDS(20), &out, &err),
			cases[i].ret);
		assert_string_equal(buf_text(&out), cases[i].out);
		assert_string_equal(err.msg, cases[i].msg);
		assert_true(clock_ms() - start < 4000);
	}
}

/* Input larger than any pipe, to a program that reads none of it: no hang, no SIGPIPE. */
static void run_survives_unread_input(void **state)
{
	AUTO_FREE char *big = malloc((1u << 20) + 1);
	AUTO_BUF struct buf out = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_non_null(big);
	memset(big, 'x', 1u << 20);
	big[1u << 20] = '\0';
	assert_ok(proc_run(SH("exit 0"), big, SECONDS(20), NULL, &err), &err);
	assert_ok(proc_run(SH("wc -c"), big, SECONDS(20), &out, &err), &err);
	assert_string_equal(buf_text(&out), "1048576\n");
}

static void run_bounds_the_output(void **state)
{
	AUTO_BUF struct buf out = BUF_WITH_LIMIT(1000);
	struct error err = { 0 };

	(void)state;
	/* The program is not disturbed: it ends as it would have. */
	assert_int_equal(proc_run(SH("i=0; while [ $i -lt 20000 ]; do echo line; i=$((i+1)); done"),
				  NULL, SECONDS(60), &out, &err),
			 -E2BIG);
	assert_string_equal(err.msg, "output of sh: more than 1000 bytes");
	assert_true(out.len <= 1000);
	/* Its own failure is the more useful message; the last line is known all the same. */
	assert_int_equal(proc_run(SH("head -c 100000 /dev/zero; echo; echo why; exit 9"), NULL,
				  SECONDS(20), &out, &err), -EIO);
	assert_string_equal(err.msg, "sh: exited with 9: why");
	assert_int_equal(proc_run(SH("head -c 100000 /dev/zero"), NULL, SECONDS(20), NULL, &err),
			 0);
}

/* What it started dies with it. */
static void run_kills_at_the_deadline(void **state)
{
	static const char *const scripts[] = {
		"sleep 1000 & echo $!; wait",
		"sleep 1000 & echo $!; exec >/dev/null 2>&1; wait", /* ends the pipe only */
		"sleep 1000 & echo $!; while :; do echo endless; done",
	};

	(void)state;
	/* Grandchildren become ours when their parent dies, so that we can look how they ended. */
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	for (size_t i = 0; i < ARRAY_LEN(scripts); i++) {
		AUTO_BUF struct buf out = { 0 };
		struct error err = { 0 };
		int64_t start = clock_ms();
		int status = -1;
		pid_t pid;

		assert_int_equal(proc_run(SH(scripts[i]), NULL, 500, &out, &err), -ETIMEDOUT);
		assert_true(clock_ms() - start >= 500);
		assert_true(clock_ms() - start < 10000);
		assert_non_null(strstr(err.msg, "sh: not done after 500 ms"));
		pid = (pid_t)strtol(buf_text(&out), NULL, 10);
		assert_true(pid > 1);
		assert_ok(proc_wait(pid, -1, SECONDS(5), &status, &err), &err);
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	}
	(void)prctl(PR_SET_CHILD_SUBREAPER, 0);
}

static void status_text_names_the_end(void **state)
{
	static const struct {
		int status;
		const char *text;
	} cases[] = {
		{ 0, "exited with 0" },
		{ 255 << 8, "exited with 255" },
		{ SIGTERM, "killed by signal 15 (Terminated)" },
		{ SIGSEGV | 0x80, "killed by signal 11 (Segmentation fault)" },
		{ 50, "killed by signal 50 (real-time)" },
		{ 0x137f, "ended with status 0x137f" },
	};
	char text[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_string_equal(proc_status_text(cases[i].status, text, sizeof(text)),
				    cases[i].text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(environment_is_explicit),
		cmocka_unit_test(directory_is_explicit),
		cmocka_unit_test(signals_are_reset),
		cmocka_unit_test(no_descriptor_leaks),
		cmocka_unit_test(descriptors_may_be_crossed),
		cmocka_unit_test(works_without_standard_descriptors),
		cmocka_unit_test(failures_are_told_by_the_parent),
		cmocka_unit_test(joins_its_cgroup_first),
		cmocka_unit_test(terminal_is_controlling),
		cmocka_unit_test(wait_has_a_deadline),
		cmocka_unit_test(run_reports_how_it_ended),
		cmocka_unit_test(run_survives_unread_input),
		cmocka_unit_test(run_bounds_the_output),
		cmocka_unit_test(run_kills_at_the_deadline),
		cmocka_unit_test(status_text_names_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
