/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/follow.h"

#include "tests/unit/check.h"

static bool in(const char *text)
{
	return follow_in_text(text, "coldplug", JOURNAL_STEP_END);
}

static void only_that_kind_of_that_unit_counts(void **state)
{
	(void)state;
	assert_false(in(""));
	assert_false(in("{\"t\":1,\"kind\":\"step-begin\",\"unit\":\"coldplug\"}\n"
			"{\"t\":2,\"kind\":\"step-end\",\"unit\":\"image\"}\n"));
	assert_true(in("{\"t\":1}\n"
		       "{\"t\":2,\"kind\":\"step-end\",\"unit\":\"coldplug\",\"code\":0}"));
	assert_false(follow_in_text("{\"kind\":\"daemon-ready\",\"unit\":\"user-docker\"}\n",
				    "user-docker", JOURNAL_READY));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_that_kind_of_that_unit_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
