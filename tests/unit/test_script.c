/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/modules/script.h"

#include <errno.h>
#include <fcntl.h>

#include "tests/unit/check.h"

static struct script_line line;

static void parse(const char *head)
{
	script_parse(&line, head, strlen(head), "/s");
}

static void interpreter_of_the_first_line(void **state)
{
	(void)state;
	parse("#!/bin/bash\necho\n");
	assert_string_equal(line.argv[0], "/bin/bash");
	assert_string_equal(line.argv[1], "/s");
	assert_null(line.argv[2]);
	parse("#! /usr/bin/env  python3 -u \r\nprint\n");
	assert_string_equal(line.argv[0], "/usr/bin/env");
	assert_string_equal(line.argv[1], "python3 -u");
	assert_string_equal(line.argv[2], "/s");
	assert_null(line.argv[3]);
}

static void sh_without_one(void **state)
{
	static const char *const heads[] = { "echo hello\n", "",	"#!",
					     "#!\n",	     "#!  \nx", "# !/bin/x\n" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(heads); i++) {
		parse(heads[i]);
		assert_string_equal(line.argv[0], "/bin/sh");
		assert_string_equal(line.argv[1], "/s");
		assert_null(line.argv[2]);
	}
}

static void long_line_is_cut(void **state)
{
	char head[1024];

	(void)state;
	memset(head, 'x', sizeof(head));
	memcpy(head, "#!/", 3);
	script_parse(&line, head, sizeof(head), "/s");
	assert_int_equal(strlen(line.argv[0]), sizeof(line.text) - 3);
}

/* RancherOS' order, and only rc.local does not hold up user Docker. */
static void table_keeps_the_order(void **state)
{
	(void)state;
	assert_int_equal(script_n, 7);
	for (size_t i = 0; i + 1 < script_n; i++)
		assert_true(script_all[i].before_docker);
	assert_string_equal(script_all[0].name, "mounts");
	assert_string_equal(script_all[1].name, "vendor-script");
	assert_string_equal(script_all[2].name, "runcmd");
	assert_string_equal(script_all[3].path, "/var/lib/rancher/conf/cloud-config-script");
	assert_true(script_all[4].is_dir);
	assert_string_equal(script_all[6].path, "/etc/rc.local");
	assert_false(script_all[6].before_docker);
	assert_int_equal(script_load(&line, "/nowhere/at/all", NULL), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(interpreter_of_the_first_line),
		cmocka_unit_test(sh_without_one),
		cmocka_unit_test(long_line_is_cut),
		cmocka_unit_test(table_keeps_the_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
