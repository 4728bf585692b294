/* SPDX-License-Identifier: Apache-2.0 */
#include "init/early/image.h"
#include "tests/unit/check.h"

static void devices_are_ranked(void **state)
{
	const struct probe iso = { .path = "/dev/sr0", .type = "iso9660", .label = "OCICATOS" };
	const struct probe seed = { .path = "/dev/sr1", .type = "iso9660", .label = "cidata" };
	const struct probe boot = { .path = "/dev/vda1", .type = "vfat", .label = "RANCHER_BOOT" };
	const struct probe disk = { .path = "/dev/vda2", .type = "ext4", .label = "RANCHER_STATE" };
	const struct probe raw = { .path = "/dev/vdb", .type = "squashfs" };

	(void)state;
	assert_int_equal(image_rank(&iso, NULL), IMAGE_ISO);
	assert_int_equal(image_rank(&seed, NULL), IMAGE_NO);
	assert_int_equal(image_rank(&boot, NULL), IMAGE_BOOT);
	assert_int_equal(image_rank(&disk, NULL), IMAGE_NO);
	assert_int_equal(image_rank(&raw, NULL), IMAGE_RAW);
	assert_true(IMAGE_ISO < IMAGE_BOOT && IMAGE_BOOT < IMAGE_RAW && IMAGE_RAW < IMAGE_NO);
}

static void kernel_line_leaves_one(void **state)
{
	const struct probe iso = { .path = "/dev/sr0", .type = "iso9660", .label = "OCICATOS" };
	const struct probe own = {
		.path = "/dev/vda1", .type = "ext4", .label = "MINE", .uuid = "ab-cd"
	};

	(void)state;
	assert_int_equal(image_rank(&iso, "LABEL=MINE"), IMAGE_NO);
	assert_int_equal(image_rank(&own, "LABEL=MINE"), IMAGE_BOOT);
	assert_int_equal(image_rank(&own, "UUID=AB-CD"), IMAGE_BOOT);
	assert_int_equal(image_rank(&own, "/dev/vda1"), IMAGE_BOOT);
	assert_int_equal(image_rank(&own, "/dev/vda"), IMAGE_NO);
	assert_int_equal(image_rank(&iso, "LABEL=ocicatos"), IMAGE_ISO);
}

static void test_slot_path(void **state)
{
	static const char *const bad[] = { "", ".", "..", "../x", "a/b", "a b", ".hidden", "a\nb" };
	char path[192];

	(void)state;
	assert_true(image_slot_path(NULL, path, sizeof(path)));
	assert_string_equal(path, "");
	assert_true(image_slot_path("v1.2-abcdef01", path, sizeof(path)));
	assert_string_equal(path, "/newroot/boot/ocicat/slots/v1.2-abcdef01/system.img");
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_false(image_slot_path(bad[i], path, sizeof(path)));
		assert_string_equal(path, "");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slot_path),
		cmocka_unit_test(devices_are_ranked),
		cmocka_unit_test(kernel_line_leaves_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
