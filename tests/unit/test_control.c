/* SPDX-License-Identifier: Apache-2.0 */
/* Asking init: replies good and bad, hanging up, silence; against a real socket. */
#define _GNU_SOURCE 1
#include "tests/unit/check.h"
#include "tests/unit/scratch.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "lib/clock.h"
#include "lib/control.h"

static int listen_at(const struct scratch *s, char path[108], int backlog)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	(void)snprintf(sa.sun_path, sizeof(sa.sun_path), "%s/control", s->path);
	memcpy(path, sa.sun_path, sizeof(sa.sun_path));
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(listen(fd, backlog), 0);
	return fd;
}

/* Answer one request with `reply`; NULL hangs up, "" keeps silent until the asker goes away. */
static pid_t serve(int listener, const char *request, const char *reply, size_t len)
{
	pid_t pid = fork();
	char got[CONTROL_MAX + 2];
	ssize_t n;
	int fd;

	assert_true(pid >= 0);
	if (pid > 0)
		return pid;
	(void)alarm(20);
	fd = accept(listener, NULL, NULL);
	n = fd < 0 ? -1 : recv(fd, got, sizeof(got) - 1, 0);
	if (n < 0)
		_exit(2);
	got[n] = '\0';
	if (strcmp(got, request) != 0)
		_exit(3);
	if (reply && len > 0 && send(fd, reply, len, 0) != (ssize_t)len)
		_exit(4);
	if (reply && recv(fd, got, sizeof(got), 0) > 0)
		_exit(5);
	_exit(0);
}

static void assert_done(pid_t pid)
{
	int status = -1;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void replies(void **state)
{
	static const struct {
		const char *reply;
		int ret;
		const char *text, *msg; /* msg: the end of the message */
	} cases[] = {
		{ "ok", 0, "", "" },
		{ "ok ", 0, "", "" },
		{ "ok state=done docker=up", 0, "state=done docker=up", "" },
		{ "ok one line\n", 0, "one line", "" },
		{ "error no such unit: x", -ECANCELED, "", "init: no such unit: x" },
		{ "error", -ECANCELED, "", "init: refused" },
		{ "okay", -EBADMSG, "", "init: \"okay\" is no reply" },
		{ "errors", -EBADMSG, "", "init: \"errors\" is no reply" },
		{ "\n", -EBADMSG, "", "init: \"\" is no reply" },
		{ NULL, -ECONNRESET, "", ": hung up without a reply" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO_SCRATCH struct scratch s = scratch_make();
		AUTO_BUF struct buf reply = { 0 };
		struct error err = { 0 };
		char path[108];
		AUTO_CLOSE int listener = listen_at(&s, path, 4);
		pid_t pid = serve(listener, "restart x", cases[i].reply,
				  cases[i].reply ? strlen(cases[i].reply) : 0);

		assert_int_equal(control_ask_at(path, "restart x", 10000, &reply, &err),
				 cases[i].ret);
		assert_string_equal(buf_text(&reply), cases[i].text);
		assert_true(strlen(err.msg) >= strlen(cases[i].msg));
		assert_string_equal(err.msg + strlen(err.msg) - strlen(cases[i].msg), cases[i].msg);
		assert_done(pid);
	}
}

static void longest_and_longer(void **state)
{
	char text[CONTROL_MAX + 2];

	(void)state;
	memset(text, 'x', sizeof(text));
	memcpy(text, "ok ", 3);
	for (size_t len = CONTROL_MAX; len <= CONTROL_MAX + 1; len++) {
		AUTO_SCRATCH struct scratch s = scratch_make();
		AUTO_BUF struct buf reply = { 0 };
		struct error err = { 0 };
		char path[108];
		AUTO_CLOSE int listener = listen_at(&s, path, 4);
		pid_t pid = serve(listener, "status", text, len);

		assert_int_equal(control_ask_at(path, "status", 10000, &reply, &err),
				 len > CONTROL_MAX ? -EBADMSG : 0);
		assert_int_equal(reply.len, len > CONTROL_MAX ? 0 : CONTROL_MAX - 3);
		assert_done(pid);
	}
}

static void silence_times_out(void **state)
{
	AUTO_SCRATCH struct scratch s = scratch_make();
	AUTO_BUF struct buf reply = { 0 };
	struct error err = { 0 };
	int64_t start = clock_ms();
	char path[108];
	AUTO_CLOSE int listener = listen_at(&s, path, 4);
	pid_t pid = serve(listener, "status", "", 0);

	(void)state;
	assert_int_equal(control_ask_at(path, "status", 60, &reply, &err), -ETIMEDOUT);
	assert_true(clock_ms() - start >= 60 && clock_ms() - start < 5000);
	assert_done(pid);
}

/* Nobody accepts and the backlog is full: connecting has the deadline, too. */
static void full_backlog_times_out(void **state)
{
	AUTO_SCRATCH struct scratch s = scratch_make();
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	AUTO_BUF struct buf reply = { 0 };
	struct error err = { 0 };
	int64_t start;
	char path[108];
	AUTO_CLOSE int listener = listen_at(&s, path, 0);
	AUTO_CLOSE int first = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	(void)state;
	memcpy(sa.sun_path, path, sizeof(sa.sun_path));
	assert_int_equal(connect(first, (struct sockaddr *)&sa, sizeof(sa)), 0);
	start = clock_ms();
	assert_int_equal(control_ask_at(path, "status", 60, &reply, &err), -ETIMEDOUT);
	assert_non_null(strstr(err.msg, "no connection within 60 ms"));
	assert_true(clock_ms() - start >= 50 && clock_ms() - start < 5000);
}

static void nobody_listens(void **state)
{
	AUTO_SCRATCH struct scratch s = scratch_make();
	AUTO_BUF struct buf reply = { 0 };
	struct error err = { 0 };
	char path[108];
	int listener = listen_at(&s, path, 1);

	(void)state;
	(void)close(listener);
	assert_int_equal(control_ask_at(path, "status", 1000, &reply, &err), -ECONNREFUSED);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(control_ask_at(path, "status", 1000, &reply, &err), -ENOENT);
}

static void bad_requests_are_not_sent(void **state)
{
	AUTO_SCRATCH struct scratch s = scratch_make();
	AUTO_BUF struct buf reply = { 0 };
	struct error err = { 0 };
	char path[108], huge[CONTROL_MAX + 2];
	AUTO_CLOSE int listener = listen_at(&s, path, 8);
	const char *const bad[] = { "", "two\nlines", huge };

	(void)state;
	memset(huge, 'x', sizeof(huge));
	huge[CONTROL_MAX + 1] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(control_ask_at(path, bad[i], 1000, &reply, &err), -EINVAL);
	memset(path, 'p', sizeof(path));
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(control_ask_at(huge, "status", 1000, &reply, &err), -ENAMETOOLONG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replies),
		cmocka_unit_test(longest_and_longer),
		cmocka_unit_test(silence_times_out),
		cmocka_unit_test(full_backlog_times_out),
		cmocka_unit_test(nobody_listens),
		cmocka_unit_test(bad_requests_are_not_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
