/* SPDX-License-Identifier: Apache-2.0 */
#include "init/console.h"
#include "tests/unit/check.h"

static void last_console_comes_first(void **state)
{
	struct console_names names;

	(void)state;
	console_parse(&names, "tty0 ttyS0\n");
	assert_int_equal(names.n, 2);
	assert_string_equal(names.name[0], "ttyS0");
	assert_string_equal(names.name[1], "tty0");
	console_parse(&names, NULL);
	assert_int_equal(names.n, 0);
	console_parse(&names, "  \n");
	assert_int_equal(names.n, 0);
}

static void odd_names_are_left_out(void **state)
{
	struct console_names names;

	(void)state;
	console_parse(&names,
		      "../../etc/passwd ttyS1 a-name-that-is-much-too-long-to-be-a-terminal");
	assert_int_equal(names.n, 1);
	assert_string_equal(names.name[0], "ttyS1");
	console_parse(&names, "a b c d e f");
	assert_int_equal(names.n, CONSOLE_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(last_console_comes_first),
		cmocka_unit_test(odd_names_are_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
