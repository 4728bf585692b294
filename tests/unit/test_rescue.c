/* SPDX-License-Identifier: Apache-2.0 */
#include "init/rescue.h"
#include "tests/unit/check.h"

static enum rescue_way way(const char *text, const char *tty)
{
	struct cmdline line;

	assert_true(cmdline_parse(&line, text));
	return rescue_way(&line, tty);
}

static void kernel_line_says_who_gets_in(void **state)
{
	(void)state;
	assert_int_equal(way("quiet", "tty1"), RESCUE_NONE);
	assert_int_equal(way("rancher.recovery", "tty1"), RESCUE_NONE);
	assert_int_equal(way("rancher.autologin=tty1 rancher.autologin=ttyS0", "tty1"),
			 RESCUE_SHELL);
	assert_int_equal(way("rancher.autologin=tty1 rancher.autologin=ttyS0", "ttyS0"),
			 RESCUE_SHELL);
	assert_int_equal(way("rancher.autologin=/dev/tty1", "tty1"), RESCUE_SHELL);
	assert_int_equal(way("rancher.autologin=tty1", "tty2"), RESCUE_NONE);
	assert_int_equal(way("rancher.autologin", "tty1"), RESCUE_NONE);
	assert_int_equal(way("rancher.password=x rancher.autologin=tty1", "ttyS0"),
			 RESCUE_PASSWORD);
	assert_int_equal(way("rancher.password=", "tty1"), RESCUE_NONE);
}

static void passwords_are_compared_whole(void **state)
{
	(void)state;
	assert_true(rescue_same("secret", "secret"));
	assert_false(rescue_same("secre", "secret"));
	assert_false(rescue_same("secrets", "secret"));
	assert_false(rescue_same("", "secret"));
	assert_false(rescue_same("Secret", "secret"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kernel_line_says_who_gets_in),
		cmocka_unit_test(passwords_are_compared_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
