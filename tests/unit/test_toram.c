/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/check.h"

#include "agent/state/toram.h"

#define MIB (1ull << 20)

static void test_fits(void **state)
{
	static const char text[] = "MemTotal:        1004136 kB\nMemFree:          500000 kB\n"
				   "MemAvailable:     524288 kB\nBuffers: 1 kB\n";

	(void)state;
	assert_true(toram_fits(text, 128 * MIB));
	assert_false(toram_fits(text, 128 * MIB + 1));
	assert_false(toram_fits("", 0));
	assert_false(toram_fits("MemAvailable: lots", 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_fits) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
