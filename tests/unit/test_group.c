/* SPDX-License-Identifier: Apache-2.0 */
/* One shim for the group: who runs it, who is told of it, when it is run again. */
#define _GNU_SOURCE 1
#include "tests/unit/check.h"
#include "tests/unit/put.h"
#include "tests/unit/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "init/shim/group.h"
#include "lib/file.h"

#define AT_ONCE 8

struct bench {
	struct scratch dir;
	char shim[96], lock[96], reply[96], socket[96], count[96];
	struct group group;
};

static void put(const char *path, const char *text, mode_t mode)
{
	put_file(FILE_ROOT, path, text, strlen(text), mode);
}

/* A shim that leaves a line in a file at each run, and answers with the address of our socket. */
static void bench_make(struct bench *b)
{
	char script[512];

	*b = (struct bench){ .dir = scratch_make() };
	(void)snprintf(b->shim, sizeof(b->shim), "%s/shim", b->dir.path);
	(void)snprintf(b->lock, sizeof(b->lock), "%s/lock", b->dir.path);
	(void)snprintf(b->reply, sizeof(b->reply), "%s/reply", b->dir.path);
	(void)snprintf(b->socket, sizeof(b->socket), "%s/socket", b->dir.path);
	(void)snprintf(b->count, sizeof(b->count), "%s/count", b->dir.path);
	(void)snprintf(script, sizeof(script),
		       "#!/bin/sh\n[ \"$1\" = start ] || exit 3\necho run >>%s\n"
		       "printf '{\"version\":3,\"address\":\"unix://%s\","
		       "\"protocol\":\"ttrpc\"}'\n",
		       b->count, b->socket);
	put(b->shim, script, 0755);
	b->group = (struct group){ .shim = b->shim, .lock = b->lock, .reply = b->reply };
}

static int listen_at(const char *path)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(sa.sun_path, sizeof(sa.sun_path), "%s", path);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(listen(fd, 2 * AT_ONCE), 0);
	return fd;
}

/* The answer to a start, in `answer`. */
static int start(const struct bench *b, const char *what, char answer[256], struct error *err)
{
	char shim[96], arg[16], *argv[] = { shim, arg, NULL };
	int ends[2], r;
	ssize_t n;

	(void)snprintf(shim, sizeof(shim), "%s", b->shim);
	(void)snprintf(arg, sizeof(arg), "%s", what);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	r = group_start(&b->group, argv, ends[1], err);
	(void)close(ends[1]);
	n = read(ends[0], answer, 255);
	(void)close(ends[0]);
	answer[n > 0 ? n : 0] = '\0';
	return r;
}

/* How often the shim's program was run. */
static int runs(const struct bench *b)
{
	struct buf AUTO_BUF text = { 0 };
	struct error err = { 0 };

	return file_read(FILE_ROOT, b->count, &text, &err) < 0 ? 0 : (int)(text.len / 4);
}

static void whoever_listens_is_not_started_again(void **state)
{
	struct bench b;
	char first[256], second[256];
	struct error err = { 0 };
	int fd;

	(void)state;
	bench_make(&b);
	fd = listen_at(b.socket);
	assert_ok(start(&b, "start", first, &err), &err);
	assert_non_null(strstr(first, b.socket));
	assert_ok(start(&b, "start", second, &err), &err);
	assert_string_equal(second, first);
	assert_int_equal(runs(&b), 1);

	/* It went away, its socket is still there. */
	(void)close(fd);
	assert_ok(start(&b, "start", second, &err), &err);
	assert_string_equal(second, first);
	assert_int_equal(runs(&b), 2);
	scratch_done(&b.dir);
}

static void many_at_once_have_one(void **state)
{
	struct bench b;
	pid_t pids[AT_ONCE];
	int fd;

	(void)state;
	bench_make(&b);
	fd = listen_at(b.socket);
	for (int i = 0; i < AT_ONCE; i++) {
		char answer[256];
		struct error err = { 0 };

		pids[i] = fork();
		assert_true(pids[i] >= 0);
		if (pids[i] == 0)
			_exit(start(&b, "start", answer, &err) < 0 || !strstr(answer, b.socket));
	}
	for (int i = 0; i < AT_ONCE; i++) {
		int status = -1;

		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	assert_int_equal(runs(&b), 1);
	(void)close(fd);
	scratch_done(&b.dir);
}

static void a_shim_that_fails_is_not_kept(void **state)
{
	struct bench b;
	char answer[256];
	struct error err = { 0 };

	(void)state;
	bench_make(&b);
	assert_int_equal(start(&b, "begin", answer, &err), -EIO);
	assert_non_null(strstr(err.msg, "exited with 3"));
	assert_string_equal(answer, "");
	assert_false(file_exists(FILE_ROOT, b.reply));
	scratch_done(&b.dir);
}

/* Whatever stands in the kept answer, the shim's own is what counts then. */
static void an_answer_that_says_nothing_is_replaced(void **state)
{
	char too_long[256];
	const char *const kept[] = { "",	   "{}",		 "unix://",
				     "unix://\"", "unix:///nowhere\"", too_long };

	(void)state;
	(void)snprintf(too_long, sizeof(too_long), "unix:///%0200d\"", 0);
	for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
		struct bench b;
		char answer[256];
		struct error err = { 0 };

		bench_make(&b);
		put(b.reply, kept[i], 0600);
		assert_ok(start(&b, "start", answer, &err), &err);
		assert_non_null(strstr(answer, b.socket));
		scratch_done(&b.dir);
	}
}

static void only_who_says_so_is_of_the_group(void **state)
{
	struct bench b;

	(void)state;
	bench_make(&b);
	put(b.reply, "{\"annotations\":{" GROUP_ANNOTATION "},\"linux\":{}}", 0600);
	assert_true(group_has(b.reply));
	put(b.reply, "{\"annotations\":{\"io.containerd.runc.v2.group\":\"mine\"}}", 0600);
	assert_false(group_has(b.reply));
	assert_false(group_has(b.count));
	scratch_done(&b.dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whoever_listens_is_not_started_again),
		cmocka_unit_test(many_at_once_have_one),
		cmocka_unit_test(a_shim_that_fails_is_not_kept),
		cmocka_unit_test(an_answer_that_says_nothing_is_replaced),
		cmocka_unit_test(only_who_says_so_is_of_the_group),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
