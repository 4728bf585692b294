/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/check.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "agent/state/passphrase.h"
#include "lib/clock.h"

#define LONG_MS 20000

/* Somebody at the other end of a terminal: types once the question is there. */
struct typist {
	int fd;
	const char *keys;
	char seen[400];
	size_t len;
};

static void *type(void *arg)
{
	struct typist *t = arg;

	while (!strchr(t->seen, '?')) {
		ssize_t n = read(t->fd, t->seen + t->len, sizeof(t->seen) - 1 - t->len);

		if (n <= 0)
			return NULL;
		t->len += (size_t)n;
	}
	(void)!write(t->fd, t->keys, strlen(t->keys));
	return NULL;
}

static int ask(struct typist *t, struct buf *word, struct error *err)
{
	pthread_t thread;
	char name[64];
	int r, keep;

	t->fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(t->fd >= 0);
	assert_int_equal(grantpt(t->fd), 0);
	assert_int_equal(unlockpt(t->fd), 0);
	assert_int_equal(ptsname_r(t->fd, name, sizeof(name)), 0);
	/* The other side stays open, so that what was said can be read when it is over. */
	keep = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(keep >= 0);
	assert_int_equal(pthread_create(&thread, NULL, type, t), 0);
	r = passphrase_ask(name, "Word?", clock_ms() + LONG_MS, word, err);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(fcntl(t->fd, F_SETFL, O_NONBLOCK), 0);
	for (;;) {
		ssize_t n = read(t->fd, t->seen + t->len, sizeof(t->seen) - 1 - t->len);

		if (n <= 0)
			break;
		t->len += (size_t)n;
	}
	(void)close(keep);
	(void)close(t->fd);
	return r;
}

static void test_answers(void **state)
{
	static const struct {
		const char *keys, *want;
		int r;
	} rows[] = {
		{ "open sesame\n", "open sesame", 0 },
		{ "sesamo\x7f" "e\r", "sesame", 0 },
		{ "\x7f\x08" "a\n", "a", 0 },
		{ "wrong\x15right\n", "right", 0 },
		{ "sesa\x04", NULL, -ECANCELED },
		{ "\x04", NULL, -ECANCELED },
		{ "\x03", NULL, -ECANCELED },
		{ "\n", NULL, -ECANCELED },
		{ "0123456789012345678901234567890123456789\n", NULL, -E2BIG },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		AUTO_BUF struct buf word = BUF_WITH_LIMIT(32);
		struct typist t = { .keys = rows[i].keys };
		struct error err = { 0 };

		assert_int_equal(ask(&t, &word, &err), rows[i].r);
		if (rows[i].want)
			assert_string_equal(buf_text(&word), rows[i].want);
		/* Nothing of it is shown. */
		assert_null(strstr(t.seen, "esam"));
		assert_null(strstr(t.seen, "right"));
	}
}

static void test_nobody(void **state)
{
	AUTO_BUF struct buf word = BUF_WITH_LIMIT(32);
	struct error err = { 0 };
	char name[64];
	int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(grantpt(fd), 0);
	assert_int_equal(unlockpt(fd), 0);
	assert_int_equal(ptsname_r(fd, name, sizeof(name)), 0);
	assert_int_equal(passphrase_ask(name, "Word?", clock_ms() + 50, &word, &err), -ETIMEDOUT);
	error_reset(&err);
	assert_int_equal(passphrase_ask("/dev/null", "Word?", clock_ms() + 50, &word, &err),
			 -ENOTTY);
	(void)close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
