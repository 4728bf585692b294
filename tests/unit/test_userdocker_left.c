/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/userdocker_left.h"

#include "tests/unit/check.h"

static void daemons_go_and_shims_stay(void **state)
{
	(void)state;
	assert_true(userdocker_left_is_daemon("/usr/sbin/dockerd"));
	assert_true(userdocker_left_is_daemon("/usr/bin/containerd"));
	assert_true(userdocker_left_is_daemon("/usr/bin/containerd (deleted)"));
	assert_false(userdocker_left_is_daemon("/usr/bin/containerd-shim-runc-v2"));
	assert_false(userdocker_left_is_daemon("/usr/bin/docker-proxy"));
	assert_false(userdocker_left_is_daemon("/usr/bin/ros"));
	assert_false(userdocker_left_is_daemon(""));
	assert_false(userdocker_left_is_daemon(" (deleted)"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(daemons_go_and_shims_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
