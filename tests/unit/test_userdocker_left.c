/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/userdocker_left.h"

#include "tests/unit/check.h"

static void supervisors_and_daemons_go_and_shims_stay(void **state)
{
	static const struct {
		const char *exe;
		enum userdocker_left kind;
	} rows[] = {
		{ "/usr/sbin/dockerd", USERDOCKER_LEFT_DAEMON },
		{ "/usr/bin/containerd", USERDOCKER_LEFT_DAEMON },
		{ "/usr/bin/containerd (deleted)", USERDOCKER_LEFT_DAEMON },
		{ "/usr/ros/bin/ros", USERDOCKER_LEFT_SUPERVISOR },
		{ "/usr/ros/bin/ros (deleted)", USERDOCKER_LEFT_SUPERVISOR },
		{ "/usr/bin/containerd-shim-runc-v2", USERDOCKER_LEFT_NONE },
		{ "/usr/bin/docker-proxy", USERDOCKER_LEFT_NONE },
		{ "", USERDOCKER_LEFT_NONE },
		{ " (deleted)", USERDOCKER_LEFT_NONE },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(userdocker_left_kind(rows[i].exe), rows[i].kind);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(supervisors_and_daemons_go_and_shims_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
