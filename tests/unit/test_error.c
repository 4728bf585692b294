/* SPDX-License-Identifier: Apache-2.0 */
/* The error value: codes, context in front, and what happens when the buffer is full. */
#include "tests/unit/check.h"

#include <errno.h>

#include "lib/attr.h"

static void fill(char *text, size_t len)
{
	memset(text, 'x', len);
	text[len] = '\0';
}

static void set_returns_the_negative_code(void **state)
{
	static const struct {
		int code, ret;
	} cases[] = {
		{ ENOENT, -ENOENT }, { E2BIG, -E2BIG }, { -EIO, -EIO },
		{ 0, -EINVAL }, /* failing is never success */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct error err = { 0 };

		assert_int_equal(error_set(&err, cases[i].code, "x %d", 7), cases[i].ret);
		assert_int_equal(err.code, -cases[i].ret);
		assert_string_equal(err.msg, "x 7");
		assert_int_equal(error_set(NULL, cases[i].code, "x"), cases[i].ret);
		assert_int_equal(error_sys(NULL, cases[i].code, "x"), cases[i].ret);
	}
}

static void sys_appends_the_cause(void **state)
{
	struct error err = { 0 };

	(void)state;
	assert_int_equal(error_sys(&err, ENOENT, "open %s", "/x"), -ENOENT);
	assert_string_equal(err.msg, "open /x: No such file or directory");
	assert_int_equal(error_sys(&err, 4321, "odd"), -4321);
	assert_string_equal(err.msg, "odd: error 4321");
}

static void sys_keeps_the_cause_of_a_long_message(void **state)
{
	char text[2 * sizeof(((struct error *)0)->msg)];
	const char *cause = ": No such file or directory";
	struct error err = { 0 };

	(void)state;
	fill(text, sizeof(text) - 1);
	(void)error_sys(&err, ENOENT, "%s", text);
	assert_true(strlen(err.msg) > sizeof(err.msg) - 4);
	assert_string_equal(err.msg + strlen(err.msg) - strlen(cause), cause);
}

static void set_cuts_a_long_message(void **state)
{
	char text[2 * sizeof(((struct error *)0)->msg)];
	struct error err = { 0 };

	(void)state;
	fill(text, sizeof(text) - 1);
	(void)error_set(&err, EIO, "%s", text);
	assert_int_equal(strlen(err.msg), sizeof(err.msg) - 1);
}

static void wrap_puts_context_in_front(void **state)
{
	struct error err = { 0 };
	int r;

	(void)state;
	r = error_set(&err, EAGAIN, "cause");
	r = error_wrap(&err, r, "inner %d", 2);
	r = error_wrap(&err, r, "outer");
	assert_int_equal(r, -EAGAIN);
	assert_int_equal(err.code, EAGAIN);
	assert_string_equal(err.msg, "outer: inner 2: cause");
	assert_int_equal(error_wrap(NULL, -EIO, "x"), -EIO);
}

/* Every length around the limit: the context is there wholly or not at all, the cause always. */
static void wrap_never_loses_the_cause(void **state)
{
	const size_t size = sizeof(((struct error *)0)->msg);
	char context[sizeof(((struct error *)0)->msg) + 8];

	(void)state;
	for (size_t len = size - 20; len < size + 4; len++) {
		struct error err = { 0 };

		fill(context, len);
		(void)error_set(&err, EIO, "cause");
		assert_int_equal(error_wrap(&err, -EIO, "%s", context), -EIO);
		if (len + strlen(": cause") < size)
			assert_int_equal(strlen(err.msg), len + strlen(": cause"));
		else
			assert_int_equal(strlen(err.msg), strlen("cause"));
		assert_string_equal(err.msg + strlen(err.msg) - 5, "cause");
	}
}

static void arguments_may_be_the_old_message(void **state)
{
	struct error err = { 0 };

	(void)state;
	(void)error_set(&err, EIO, "first");
	(void)error_set(&err, EIO, "%s, then %s", err.msg, err.msg);
	assert_string_equal(err.msg, "first, then first");
}

static void reset_forgets(void **state)
{
	struct error err = { 0 };

	(void)state;
	(void)error_set(&err, EIO, "x");
	error_reset(&err);
	assert_int_equal(err.code, 0);
	assert_string_equal(err.msg, "");
	error_reset(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(set_returns_the_negative_code),
		cmocka_unit_test(sys_appends_the_cause),
		cmocka_unit_test(sys_keeps_the_cause_of_a_long_message),
		cmocka_unit_test(set_cuts_a_long_message),
		cmocka_unit_test(wrap_puts_context_in_front),
		cmocka_unit_test(wrap_never_loses_the_cause),
		cmocka_unit_test(arguments_may_be_the_old_message),
		cmocka_unit_test(reset_forgets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
