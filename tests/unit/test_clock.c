/* SPDX-License-Identifier: Apache-2.0 */
/* Deadlines as arguments for poll(2). */
#include "tests/unit/check.h"

#include "lib/clock.h"

static void time_goes_on(void **state)
{
	int64_t ms = clock_ms();
	uint64_t usec = clock_boot_usec();

	(void)state;
	assert_true(ms > 0);
	while (clock_ms() == ms)
		;
	assert_true(clock_ms() > ms);
	assert_true(clock_boot_usec() > usec);
	/* Time since the start includes what the machine slept, so it is never behind. */
	assert_true(clock_boot_usec() / 1000 >= (uint64_t)ms);
}

static void left_is_clamped(void **state)
{
	int left;

	(void)state;
	assert_int_equal(clock_left_ms(0), 0);
	assert_int_equal(clock_left_ms(INT64_MIN + 1), 0);
	assert_int_equal(clock_left_ms(clock_ms()), 0);
	assert_int_equal(clock_left_ms(INT64_MAX), INT32_MAX);
	left = clock_left_ms(clock_ms() + 60000);
	assert_true(left > 50000 && left <= 60000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(time_goes_on),
		cmocka_unit_test(left_is_clamped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
