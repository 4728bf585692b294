/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/apply/identity.h"

#include "tests/unit/check.h"

static void id_is_a_random_uuid(void **state)
{
	unsigned char random[16];
	char id[34];

	(void)state;
	memset(random, 0xff, sizeof(random));
	identity_format(random, id);
	assert_string_equal(id, "ffffffffffff4fffbfffffffffffffff\n");
	memset(random, 0, sizeof(random));
	identity_format(random, id);
	assert_string_equal(id, "00000000000040008000000000000000\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(id_is_a_random_uuid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
