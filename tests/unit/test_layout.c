/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/layout.h"
#include "tests/unit/check.h"

static void rows_are_sound(void **state)
{
	(void)state;
	assert_string_equal(layout_all[0].path, "/");
	for (size_t i = 0; i < layout_n; i++) {
		const struct layout_row *row = &layout_all[i];

		assert_int_equal(row->path[0], '/');
		assert_non_null(row->why);
		if (row->kind == LAYOUT_LINK || row->kind == LAYOUT_OVERLAY)
			assert_non_null(row->source);
		/* Nothing lies above a row that comes later. */
		for (size_t k = 0; k < i; k++) {
			size_t len = strlen(row->path);

			assert_false(!strncmp(layout_all[k].path, row->path, len) &&
				     layout_all[k].path[len] == '/');
			assert_string_not_equal(layout_all[k].path, row->path);
		}
	}
}

static void longest_prefix_decides(void **state)
{
	(void)state;
	assert_string_equal(layout_find("/var/lib/docker/overlay2")->path, "/var/lib/docker");
	assert_string_equal(layout_find("/var/lib/dockerx")->path, "/var");
	assert_string_equal(layout_find("/etc")->path, "/etc");
	assert_string_equal(layout_find("/etcetera")->path, "/");
	assert_string_equal(layout_find("/")->path, "/");
	assert_int_equal(layout_find("/usr/bin/ros")->kind, LAYOUT_IMAGE);
	assert_string_equal(layout_find("/var/run/docker.sock")->path, "/var/run");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_sound),
		cmocka_unit_test(longest_prefix_decides),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
