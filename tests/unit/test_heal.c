/* SPDX-License-Identifier: Apache-2.0 */
#include "init/heal.h"
#include "tests/unit/check.h"

static enum heal_verdict change(struct heal *h, const char *name, enum supervise_state from,
				enum supervise_state to)
{
	const struct supervise_child c = { .spec = { .name = name }, .state = to };

	return heal_judge(h, &c, from);
}

static enum heal_verdict fails(struct heal *h, const char *name)
{
	return change(h, name, SUPERVISE_STARTING, SUPERVISE_BACKOFF);
}

static void second_failure_heals(void **state)
{
	struct heal h = { 0 };

	(void)state;
	assert_int_equal(fails(&h, "system-docker"), HEAL_NOTHING);
	assert_int_equal(fails(&h, "system-docker"), HEAL_BEGUN);
	h.done = true;
	assert_int_equal(fails(&h, "system-docker"), HEAL_NOTHING);
	assert_int_equal(fails(&h, "system-containerd"), HEAL_GIVE_UP);
}

static void death_after_readiness_is_no_failure(void **state)
{
	struct heal h = { 0 };

	(void)state;
	for (int i = 0; i < 5; i++) {
		assert_int_equal(change(&h, "system-docker", SUPERVISE_STARTING, SUPERVISE_UP),
				 HEAL_NOTHING);
		assert_int_equal(change(&h, "system-docker", SUPERVISE_UP, SUPERVISE_BACKOFF),
				 HEAL_NOTHING);
	}
	assert_int_equal(fails(&h, "system-docker"), HEAL_NOTHING);
	assert_int_equal(change(&h, "system-docker", SUPERVISE_STARTING, SUPERVISE_UP),
			 HEAL_NOTHING);
	assert_int_equal(fails(&h, "system-docker"), HEAL_NOTHING);
}

static void others_do_not_count(void **state)
{
	struct heal h = { 0 };

	(void)state;
	for (int i = 0; i < 5; i++)
		assert_int_equal(fails(&h, "recovery-tty1"), HEAL_NOTHING);
	h.stopping = true;
	for (int i = 0; i < 5; i++)
		assert_int_equal(fails(&h, "system-docker"), HEAL_NOTHING);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(second_failure_heals),
		cmocka_unit_test(death_after_readiness_is_no_failure),
		cmocka_unit_test(others_do_not_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
