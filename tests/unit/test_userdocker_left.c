/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/userdocker/userdocker_left.h"

#include "tests/unit/check.h"

static void daemons_go_and_all_else_stays(void **state)
{
	static const struct {
		const char *exe;
		bool goes;
	} rows[] = {
		{ "/usr/sbin/dockerd", true },
		{ "/usr/bin/containerd", true },
		{ "/usr/bin/containerd (deleted)", true },
		{ "/usr/ros/bin/ros", false },
		{ "/usr/bin/containerd-shim-runc-v2", false },
		{ "/usr/bin/docker-proxy", false },
		{ "", false },
		{ " (deleted)", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(userdocker_left_is_daemon(rows[i].exe), rows[i].goes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(daemons_go_and_all_else_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
