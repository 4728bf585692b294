/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "init/plan.h"
#include "tests/unit/check.h"

static const char *const program[] = { "/bin/true", NULL };

static void shipped_plan_is_sound(void **state)
{
	struct error err = { 0 };

	(void)state;
	assert_ok(plan_check(plan_all, plan_n, &err), &err);
	assert_int_equal(plan_find(plan_all, plan_n, "image"), 1);
	assert_int_equal(plan_find(plan_all, plan_n, "nothing"), plan_n);
}

static void starts_when_needs_are_done(void **state)
{
	const struct plan_unit units[] = {
		{ .name = "a", .argv = program, .deadline_ms = 1 },
		{ .name = "d", .kind = PLAN_DAEMON, .argv = program, .deadline_ms = 1 },
		{ .name = "b", .argv = program, .needs = { "a", "d" }, .deadline_ms = 1 },
	};
	enum plan_state states[3] = { PLAN_WAITING, PLAN_WAITING, PLAN_WAITING };

	(void)state;
	assert_true(plan_may_start(units, 3, states, 0));
	assert_true(plan_may_start(units, 3, states, 1));
	assert_false(plan_may_start(units, 3, states, 2));
	states[0] = PLAN_DONE;
	states[1] = PLAN_RUNNING;
	assert_false(plan_may_start(units, 3, states, 0));
	assert_false(plan_may_start(units, 3, states, 2));
	states[1] = PLAN_DONE;
	assert_true(plan_may_start(units, 3, states, 2));
}

static void failed_step_lets_others_go_on_unless_fatal(void **state)
{
	struct plan_unit units[] = {
		{ .name = "a", .argv = program, .deadline_ms = 1 },
		{ .name = "b", .argv = program, .needs = { "a" }, .deadline_ms = 1 },
	};
	enum plan_state states[2] = { PLAN_FAILED, PLAN_WAITING };

	(void)state;
	assert_true(plan_may_start(units, 2, states, 1));
	units[0].fatal = true;
	assert_false(plan_may_start(units, 2, states, 1));
	units[0].fatal = false;
	units[0].kind = PLAN_DAEMON;
	assert_false(plan_may_start(units, 2, states, 1));
}

static void bad_plans_are_refused(void **state)
{
	const struct plan_unit twice[] = {
		{ .name = "a", .argv = program, .deadline_ms = 1 },
		{ .name = "a", .argv = program, .deadline_ms = 1 },
	};
	const struct plan_unit backwards[] = {
		{ .name = "b", .argv = program, .needs = { "a" }, .deadline_ms = 1 },
		{ .name = "a", .argv = program, .deadline_ms = 1 },
	};
	const struct plan_unit endless = { .name = "a", .argv = program };
	const struct plan_unit point = { .name = "p", .kind = PLAN_POINT, .needs = { "a" } };
	const struct plan_unit empty = { .name = "a", .deadline_ms = 1 };

	(void)state;
	assert_int_equal(plan_check(twice, 2, NULL), -EINVAL);
	assert_int_equal(plan_check(backwards, 2, NULL), -EINVAL);
	assert_int_equal(plan_check(&endless, 1, NULL), -EINVAL);
	assert_int_equal(plan_check(&empty, 1, NULL), -EINVAL);
	assert_int_equal(plan_check(&point, 1, NULL), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shipped_plan_is_sound),
		cmocka_unit_test(starts_when_needs_are_done),
		cmocka_unit_test(failed_step_lets_others_go_on_unless_fatal),
		cmocka_unit_test(bad_plans_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
