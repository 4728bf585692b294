/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/state/inventory.h"

#include "tests/unit/check.h"

static const struct inventory inv = {
	.devices = {
		{ .path = "/dev/sda", .type = "crypto_LUKS", .label = "RANCHER_STATE",
		  .uuid = "AAAA-1" },
		{ .path = "/dev/vda1", .type = "ext4", .label = "RANCHER_STATE", .uuid = "abcd-12",
		  .partlabel = "state", .partuuid = "0001-02" },
		{ .path = "/dev/vda2" },
	},
	.n = 3,
};

static void every_way_to_name_a_disk(void **state)
{
	static const char *const names[] = { "LABEL=RANCHER_STATE", "UUID=ABCD-12",
					     "PARTLABEL=state", "PARTUUID=0001-02", "/dev/vda1" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		assert_non_null(inventory_find(&inv, names[i]));
		assert_string_equal(inventory_find(&inv, names[i])->path, "/dev/vda1");
	}
}

static void what_is_not_there_is_not_found(void **state)
{
	static const char *const names[] = { "LABEL=rancher_state", "LABEL=", "UUID=", "PARTLABEL=",
					     "/dev/vda", "", "UUID=AAAA-1" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		assert_null(inventory_find(&inv, names[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_way_to_name_a_disk),
		cmocka_unit_test(what_is_not_there_is_not_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
