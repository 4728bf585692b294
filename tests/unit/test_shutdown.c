/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "init/shutdown.h"
#include "tests/unit/check.h"

static void requests_are_understood(void **state)
{
	struct shutdown_request req;
	struct error err = { 0 };

	(void)state;
	assert_ok(shutdown_parse(&req, "poweroff", &err), &err);
	assert_int_equal(req.kind, SHUTDOWN_POWEROFF);
	assert_int_equal(req.timeout_s, SHUTDOWN_TIMEOUT_S);
	assert_false(req.force);
	assert_string_equal(req.who, "");
	assert_ok(shutdown_parse(&req, "reboot force timeout=90 by ssh rancher", &err), &err);
	assert_int_equal(req.kind, SHUTDOWN_REBOOT);
	assert_true(req.force);
	assert_int_equal(req.timeout_s, 90);
	assert_string_equal(req.who, "ssh rancher");
	assert_ok(shutdown_parse(&req, "halt by force", &err), &err);
	assert_int_equal(req.kind, SHUTDOWN_HALT);
	assert_false(req.force);
	assert_ok(shutdown_parse(&req, "kexec", &err), &err);
	assert_int_equal(req.kind, SHUTDOWN_KEXEC);
}

static void timeout_has_limits(void **state)
{
	struct shutdown_request req;
	struct error err = { 0 };

	(void)state;
	assert_ok(shutdown_parse(&req, "halt timeout=1", &err), &err);
	assert_int_equal(req.timeout_s, SHUTDOWN_TIMEOUT_MIN_S);
	assert_ok(shutdown_parse(&req, "halt timeout=999999", &err), &err);
	assert_int_equal(req.timeout_s, SHUTDOWN_TIMEOUT_MAX_S);
}

static void nonsense_is_refused(void **state)
{
	static const char *const bad[] = {
		"", "power", "poweroffs", "reboot now", "reboot timeout=", "reboot timeout=x",
		"reboot timeout=5x", "halt forced",
	};
	struct shutdown_request req;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(shutdown_parse(&req, bad[i], NULL), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_are_understood),
		cmocka_unit_test(timeout_has_limits),
		cmocka_unit_test(nonsense_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
