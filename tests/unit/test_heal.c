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
	assert_int_equal(fails(&h, "system-docker"), HEAL_GIVE_UP);
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

/* Weeks may lie between these: each time the daemon came up in the end. */
static void failed_start_is_forgotten_once_the_same_daemon_is_ready(void **state)
{
	static const char *const names[] = { "system-containerd", "system-docker" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct heal h = { 0 };

		(void)change(&h, "system-containerd", SUPERVISE_STARTING, SUPERVISE_UP);
		(void)change(&h, "system-docker", SUPERVISE_STARTING, SUPERVISE_UP);
		for (int n = 0; n < 3; n++) {
			(void)change(&h, names[i], SUPERVISE_UP, SUPERVISE_BACKOFF);
			assert_int_equal(fails(&h, names[i]), HEAL_NOTHING);
			(void)change(&h, names[i], SUPERVISE_STARTING, SUPERVISE_UP);
		}
	}
}

/* Which happens when containerd, too, dies again and again because of the data. */
static void readiness_of_the_other_daemon_is_none_of_this_one(void **state)
{
	struct heal h = { 0 };

	(void)state;
	assert_int_equal(fails(&h, "system-docker"), HEAL_NOTHING);
	(void)change(&h, "system-containerd", SUPERVISE_UP, SUPERVISE_BACKOFF);
	(void)change(&h, "system-containerd", SUPERVISE_STARTING, SUPERVISE_UP);
	assert_int_equal(fails(&h, "system-docker"), HEAL_BEGUN);
}

/* No process to be had says nothing about the data. */
static void start_that_made_no_process_does_not_count(void **state)
{
	struct heal h = { 0 };

	(void)state;
	for (int i = 0; i < 5; i++)
		assert_int_equal(change(&h, "system-docker", SUPERVISE_DOWN, SUPERVISE_BACKOFF),
				 HEAL_NOTHING);
	assert_int_equal(fails(&h, "system-docker"), HEAL_NOTHING);
}

/* The data stay where they are; without System Docker nobody could log in. */
static void what_cannot_be_started_is_given_up_once(void **state)
{
	struct heal h = { 0 };
	int given_up = 0;

	(void)state;
	for (int i = 0; i < 40; i++) {
		enum heal_verdict v = change(&h, "system-containerd", SUPERVISE_DOWN,
					     SUPERVISE_BACKOFF);

		assert_int_not_equal(v, HEAL_BEGUN);
		given_up += v == HEAL_GIVE_UP;
	}
	assert_int_equal(given_up, 1);
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
		cmocka_unit_test(failed_start_is_forgotten_once_the_same_daemon_is_ready),
		cmocka_unit_test(readiness_of_the_other_daemon_is_none_of_this_one),
		cmocka_unit_test(start_that_made_no_process_does_not_count),
		cmocka_unit_test(what_cannot_be_started_is_given_up_once),
		cmocka_unit_test(others_do_not_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
