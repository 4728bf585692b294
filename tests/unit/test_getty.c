/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/console/getty.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/scope.h"
#include "tests/unit/check.h"

static struct cmdline line;
static struct getty gettys[GETTY_MAX];

static bool all(const char *tty)
{
	(void)tty;
	return true;
}

static bool only_serial(const char *tty)
{
	return !strcmp(tty, "ttyS0");
}

static size_t list(const char *kernel, struct getty_rules rules)
{
	(void)cmdline_parse(&line, kernel);
	return getty_list(&line, &rules, gettys);
}

static bool has_arg(const struct getty *g, const char *arg)
{
	for (size_t i = 0; g->argv[i]; i++)
		if (!strcmp(g->argv[i], arg))
			return true;
	return false;
}

static void consoles_of_the_kernel_line_and_tty1(void **state)
{
	(void)state;
	assert_int_equal(list("console=tty0 console=ttyS0,115200n8 quiet",
			      (struct getty_rules){ .exists = all }),
			 2);
	assert_string_equal(gettys[0].tty, "tty1");
	assert_true(has_arg(&gettys[0], "linux"));
	assert_string_equal(gettys[1].tty, "ttyS0");
	assert_true(has_arg(&gettys[1], "115200"));
	assert_true(has_arg(&gettys[1], "vt220"));
	assert_false(has_arg(&gettys[1], "--autologin"));
	assert_int_equal(list("", (struct getty_rules){ .exists = all }), 1);
	assert_int_equal(list("console=ttyS0", (struct getty_rules){ .exists = only_serial }), 1);
	assert_string_equal(gettys[0].speed, "115200,57600,38400,9600");
}

static void hostile_names_are_passed_over(void **state)
{
	(void)state;
	assert_int_equal(
		list("console=../../etc/passwd console=-x console= console=ttyS0123456789012345",
		     (struct getty_rules){ .exists = all }),
		1);
	assert_int_equal(
		list("console=a console=b console=c console=d console=e console=f console=g "
		     "console=h console=i console=j",
		     (struct getty_rules){ .exists = all }),
		GETTY_MAX);
}

static void autologin_where_it_is_asked_for(void **state)
{
	(void)state;
	assert_int_equal(list("console=ttyS0 rancher.autologin=ttyS0",
			      (struct getty_rules){ .exists = all }),
			 2);
	assert_false(gettys[0].autologin);
	assert_true(gettys[1].autologin);
	assert_true(has_arg(&gettys[1], "--autologin"));
	assert_int_equal(list("rancher.autologin=tty1 rancher.autologin=ttyS1",
			      (struct getty_rules){ .exists = all }), 2);
	assert_true(gettys[0].autologin && gettys[1].autologin);
	assert_int_equal(
		list("rancher.autologin=[tty1,ttyS0]", (struct getty_rules){ .exists = all }), 2);
	assert_true(gettys[0].autologin && gettys[1].autologin);
}

static void live_system_with_a_seed_logs_nobody_in(void **state)
{
	const char *kernel = "rancher.live rancher.autologin=tty1";

	(void)state;
	(void)list(kernel, (struct getty_rules){ .live = true, .exists = all });
	assert_true(gettys[0].autologin);
	(void)list(kernel, (struct getty_rules){ .live = true, .seeded = true, .exists = all });
	assert_false(gettys[0].autologin);
	(void)list(kernel, (struct getty_rules){ .seeded = true, .exists = all });
	assert_true(gettys[0].autologin);
	(void)list(kernel, (struct getty_rules){ .disabled = true, .exists = all });
	assert_false(gettys[0].autologin);
}

static void only_a_terminal_is_one(void **state)
{
	AUTO_CLOSE int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	char path[64];

	(void)state;
	assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
	assert_int_equal(ptsname_r(master, path, sizeof(path)), 0);
	assert_true(getty_is_terminal(path));
	assert_false(getty_is_terminal("/dev/null"));
	assert_false(getty_is_terminal("/dev/no-such-terminal"));
	assert_false(getty_exists("null"));
	assert_false(getty_exists("no-such-terminal"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(consoles_of_the_kernel_line_and_tty1),
		cmocka_unit_test(hostile_names_are_passed_over),
		cmocka_unit_test(autologin_where_it_is_asked_for),
		cmocka_unit_test(only_a_terminal_is_one),
		cmocka_unit_test(live_system_with_a_seed_logs_nobody_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
