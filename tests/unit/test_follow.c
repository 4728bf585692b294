/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/coldplug.h"

#include "tests/unit/check.h"

static void only_the_end_of_that_step_counts(void **state)
{
	(void)state;
	assert_false(coldplug_in_journal(""));
	assert_false(coldplug_in_journal("{\"t\":1,\"kind\":\"step-begin\",\"unit\":\"coldplug\"}\n"
					 "{\"t\":2,\"kind\":\"step-end\",\"unit\":\"image\"}\n"));
	assert_true(coldplug_in_journal(
		"{\"t\":1}\n{\"t\":2,\"kind\":\"step-end\",\"unit\":\"coldplug\",\"code\":0}"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_end_of_that_step_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
