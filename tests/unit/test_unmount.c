/* SPDX-License-Identifier: Apache-2.0 */
#include "init/unmount.h"
#include "tests/unit/check.h"

static void lines_are_taken_apart(void **state)
{
	char path[64], type[16];

	(void)state;
	assert_true(unmount_parse(
		"36 35 98:0 /mnt1 /mnt/my\\040disk rw,noatime shared:1 - ext4 /dev/vda rw\n", path,
		sizeof(path), type, sizeof(type)));
	assert_string_equal(path, "/mnt/my disk");
	assert_string_equal(type, "ext4");
	assert_true(unmount_parse("36 35 0:1 / / rw - tmpfs root rw", path, sizeof(path), type,
				  sizeof(type)));
	assert_string_equal(path, "/");
	assert_string_equal(type, "tmpfs");
}

static void other_lines_are_none(void **state)
{
	char path[64], type[16];

	(void)state;
	assert_false(unmount_parse("", path, sizeof(path), type, sizeof(type)));
	assert_false(unmount_parse("36 35 98:0", path, sizeof(path), type, sizeof(type)));
	assert_false(unmount_parse("36 35 98:0 / /x rw", path, sizeof(path), type, sizeof(type)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_taken_apart),
		cmocka_unit_test(other_lines_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
