/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/command_line.h"
#include "tests/unit/check.h"

#define PARSE(line, ...)                                               \
	do {                                                           \
		char *argv[] = { __VA_ARGS__, NULL };                  \
		command_line_parse(line, (int)ARRAY_LEN(argv) - 1, argv); \
	} while (0)

static void link_name_decides(void **state)
{
	struct command_line l;
	char name[] = "/usr/sbin/poweroff", force[] = "-f";

	(void)state;
	PARSE(&l, name, force);
	assert_int_equal(l.what, COMMAND_LINE_RUN);
	assert_string_equal(l.command->name, "poweroff");
	assert_int_equal(l.first, 0);
}

static void two_words_before_one(void **state)
{
	struct command_line l;
	char ros[] = "ros", persist[] = "persist", why[] = "why", path[] = "/x";

	(void)state;
	PARSE(&l, ros, persist, why, path);
	assert_int_equal(l.what, COMMAND_LINE_RUN);
	assert_string_equal(l.command->name, "persist why");
	assert_int_equal(l.first, 2);
}

static void root_comes_before_the_command(void **state)
{
	struct command_line l;
	char ros[] = "ros", root[] = "--root", both[] = "--root=/b", dir[] = "/a",
	     status[] = "status";

	(void)state;
	PARSE(&l, ros, root, dir, status);
	assert_string_equal(l.root, "/a");
	assert_string_equal(l.command->name, "status");
	PARSE(&l, ros, both, status);
	assert_string_equal(l.root, "/b");
	PARSE(&l, ros, root);
	assert_int_equal(l.what, COMMAND_LINE_NO_ARGUMENT);
}

static void help_and_mistakes(void **state)
{
	struct command_line l;
	char ros[] = "ros", boot[] = "boot", nonsense[] = "nonsense", help[] = "--help", v[] = "-v";
	char status[] = "status", poweroff[] = "poweroff";

	(void)state;
	PARSE(&l, ros);
	assert_int_equal(l.what, COMMAND_LINE_NOTHING);
	PARSE(&l, ros, help);
	assert_int_equal(l.what, COMMAND_LINE_HELP);
	PARSE(&l, ros, status, help);
	assert_int_equal(l.what, COMMAND_LINE_COMMAND_HELP);
	PARSE(&l, poweroff, help);
	assert_int_equal(l.what, COMMAND_LINE_COMMAND_HELP);
	PARSE(&l, ros, boot);
	assert_int_equal(l.what, COMMAND_LINE_GROUP);
	PARSE(&l, ros, boot, help);
	assert_int_equal(l.what, COMMAND_LINE_HELP);
	assert_string_equal(l.arg, "boot");
	PARSE(&l, ros, boot, nonsense);
	assert_int_equal(l.what, COMMAND_LINE_UNKNOWN);
	assert_string_equal(l.arg, "nonsense");
	PARSE(&l, ros, nonsense);
	assert_int_equal(l.what, COMMAND_LINE_UNKNOWN);
	PARSE(&l, ros, v);
	assert_int_equal(l.what, COMMAND_LINE_RUN);
	assert_string_equal(l.command->name, "version");
}

/* A name is no prefix of another's first word, aliases are unique, and every visible one
 * has help. */
static void table_is_sound(void **state)
{
	(void)state;
	for (size_t i = 0; command_all[i]; i++) {
		assert_non_null(command_all[i]->run);
		assert_non_null(command_all[i]->name);
		for (size_t k = 0; k < i; k++) {
			assert_string_not_equal(command_all[i]->name, command_all[k]->name);
			if (command_all[i]->alias && command_all[k]->alias)
				assert_string_not_equal(command_all[i]->alias,
							command_all[k]->alias);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(link_name_decides),
		cmocka_unit_test(two_words_before_one),
		cmocka_unit_test(root_comes_before_the_command),
		cmocka_unit_test(help_and_mistakes),
		cmocka_unit_test(table_is_sound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
