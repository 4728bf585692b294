/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/state/state_luks.h"
#include "agent/state/state_prepare.h"

#include "tests/unit/check.h"

static void nothing_is_done_unasked(void **state)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	const struct doc_node *n = NULL;
	struct inventory *inv = calloc(1, sizeof(*inv));
	const char text[] = "rancher: {state: {dev: LABEL=X, mdadm_scan: false, script: ''}}";
	struct error err = { 0 };

	(void)state;
	assert_ok(doc_pool_new(&p, &err), &err);
	assert_false(state_prepare(NULL, inv));
	assert_ok(doc_yaml(p, "t", text, sizeof(text) - 1, &n, &err), &err);
	assert_false(state_prepare(n, inv));
	free(inv);
}

static void opened_device_is_named_after_the_closed_one(void **state)
{
	char name[80];

	(void)state;
	state_luks_name("/dev/vda2", name, sizeof(name));
	assert_string_equal(name, "luks-vda2");
	state_luks_name("/dev/mapper/vg-lv", name, sizeof(name));
	assert_string_equal(name, "luks-vg-lv");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_done_unasked),
		cmocka_unit_test(opened_device_is_named_after_the_closed_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
