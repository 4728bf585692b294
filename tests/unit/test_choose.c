/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>

#include "agent/install/choose.h"
#include "lib/file.h"
#include "tests/unit/put.h"
#include "tests/unit/scratch.h"

#define GIB (1ull << 30)

static const struct choose_disk disks[] = {
	{ .path = "/dev/sda", .model = "SuperDisk 900", .id = "S1", .size = 900 * GIB },
	{ .path = "/dev/sdb", .model = "Stick", .id = "U7", .size = 16 * GIB, .in_use = true },
	{ .path = "/dev/sdc", .model = "SuperDisk 100", .id = "S2", .size = 100 * GIB },
	{ .path = "/dev/sdd", .model = "Other", .id = "S3", .size = 100 * GIB },
};

/* The path, or what is said. */
static void assert_choice(const char *yaml, const char *want)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	const struct choose_disk *disk = NULL;
	const struct doc_node *doc = NULL;
	struct choose_rule rule;
	struct error err = { 0 };
	int r;

	assert_ok(doc_pool_new(&p, &err), &err);
	assert_ok(doc_yaml(p, "test", yaml, strlen(yaml), &doc, &err), &err);
	r = choose_rule_read(doc, &rule, &err);
	if (r == 0)
		r = choose_disk(&rule, disks, ARRAY_LEN(disks), &disk, &err);
	if (r < 0 ? !strstr(err.msg, want) : strcmp(disk->path, want) != 0)
		fail_msg("%s: %s, not %s", yaml, r < 0 ? err.msg : disk->path, want);
}

static void test_rules(void **state)
{
	(void)state;
	assert_choice("/dev/sdc", "/dev/sdc");
	assert_choice("auto", "/dev/sda and /dev/sd");
	assert_choice("true", "both fit the rule");
	assert_choice("device: /dev/sdd", "/dev/sdd");
	assert_choice("device: /dev/sdz", "no disk /dev/sdz");
	assert_choice("device: sda", "sda is no device");
	assert_choice("match: {id: S3}", "/dev/sdd");
	assert_choice("match: {model: 'SuperDisk*'}", "/dev/sda and /dev/sdc both");
	assert_choice("match: {model: 'SuperDisk*', max_size: 500G}", "/dev/sdc");
	assert_choice("match: {min_size: 500G}", "/dev/sda");
	assert_choice("match: {min_size: 5000G}", "no disk fits the rule");
	assert_choice("match: {min_size: much}", "much is no size");
	assert_choice("match: {pick: largest}", "/dev/sda");
	/* Two of the same size are no choice. */
	assert_choice("match: {pick: smallest}", "/dev/sdc and /dev/sdd both");
	assert_choice("match: {pick: smallest, model: 'Super*'}", "/dev/sdc");
	assert_choice("match: {pick: fastest}", "fastest is none of");
	/* One that is in use is never meant by a rule. */
	assert_choice("match: {model: Stick}", "no disk fits the rule");
}

static void put(int root, const char *path, const char *text)
{
	put_file(root, path, text, strlen(text), 0644);
}

static void test_list(void **state)
{
	AUTO_SCRATCH struct scratch dir = scratch_make();
	struct choose_disk found[CHOOSE_DISKS];
	struct error err = { 0 };
	AUTO_CLOSE int root = -1;

	(void)state;
	assert_ok(file_root_open(dir.path, &root, &err), &err);
	assert_int_equal(choose_list(root, found), 0);
	put(root, "/sys/class/block/sda/size", "2048\n");
	put(root, "/sys/class/block/sda/device/model", "Fine Disk   \n");
	put(root, "/sys/class/block/sda/wwid", "naa.500\n");
	put(root, "/sys/class/block/sda1/size", "1024\n");
	put(root, "/sys/class/block/sda1/partition", "1\n");
	put(root, "/sys/class/block/loop0/size", "99\n");
	put(root, "/sys/class/block/sr0/size", "99\n");
	put(root, "/sys/class/block/sdb/size", "0\n");
	put(root, "/sys/class/block/vda/size", "4096\n");
	put(root, "/sys/class/block/vda/serial", "abc");
	put(root, "/proc/self/mountinfo", "1 1 0:1 / /boot ro - iso9660 /dev/vda1 ro\n");
	assert_int_equal(choose_list(root, found), 2);
	assert_string_equal(found[0].path, "/dev/sda");
	assert_string_equal(found[0].model, "Fine Disk");
	assert_string_equal(found[0].id, "naa.500");
	assert_int_equal(found[0].size, 1 << 20);
	assert_false(found[0].in_use);
	assert_string_equal(found[1].id, "abc");
	assert_true(found[1].in_use);
}

/* An eMMC's parts for firmware, a disk that cannot be written to and one that nothing fits on leave
 * one disk that "auto" can mean. */
static void test_auto_means_what_can_be_installed_on(void **state)
{
	const struct choose_rule rule = { .pick = CHOOSE_ONLY };
	AUTO_SCRATCH struct scratch dir = scratch_make();
	const struct choose_disk *disk = NULL;
	struct choose_disk found[CHOOSE_DISKS];
	struct error err = { 0 };
	AUTO_CLOSE int root = -1;
	size_t n;

	(void)state;
	assert_ok(file_root_open(dir.path, &root, &err), &err);
	put(root, "/sys/class/block/mmcblk0/size", "61071360\n");
	put(root, "/sys/class/block/mmcblk0/ro", "0\n");
	put(root, "/sys/class/block/mmcblk0boot0/size", "8192\n");
	put(root, "/sys/class/block/mmcblk0boot1/size", "61071360\n");
	put(root, "/sys/class/block/mmcblk0rpmb/size", "8192\n");
	put(root, "/sys/class/block/mmcblk0p1/size", "8192\n");
	put(root, "/sys/class/block/mmcblk0p1/partition", "1\n");
	put(root, "/sys/class/block/sda/size", "61071360\n");
	put(root, "/sys/class/block/sda/ro", "1\n");
	put(root, "/sys/class/block/sdb/size", "32768\n");
	n = choose_list(root, found);
	assert_int_equal(n, 3);
	assert_ok(choose_disk(&rule, found, n, &disk, &err), &err);
	assert_string_equal(disk->path, "/dev/mmcblk0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_auto_means_what_can_be_installed_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
