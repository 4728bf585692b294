/* SPDX-License-Identifier: Apache-2.0 */
#include "init/early/module.h"
#include "tests/unit/check.h"

static const char aliases[] = "# Aliases extracted from modules themselves.\n"
			      "alias pci:v00001AF4d00001001sv*sd*bc*sc*i* virtio_pci\n"
			      "alias virtio:d00000002v* virtio_blk\n"
			      "alias fs-squashfs squashfs\n"
			      "alias scsi:t-0x00* sd-mod\n"
			      "alias virtio:d00000002v* another\n"
			      "alias broken\n"
			      "alias usb:v*p*d*dc*dsc*dp*ic08isc06ip50in* usb_storage";

static void collect(void *arg, const char *name)
{
	struct buf *b = arg;

	buf_fmt(b, "%s ", name);
}

static unsigned match(const char *modalias, struct buf *b)
{
	buf_reset(b);
	return module_match(aliases, modalias, collect, b);
}

static void aliases_match_by_pattern(void **state)
{
	AUTO_BUF struct buf b = { 0 };

	(void)state;
	assert_int_equal(match("virtio:d00000002v00001AF4", &b), 2);
	assert_string_equal(buf_text(&b), "virtio_blk another ");
	assert_int_equal(match("scsi:t-0x00", &b), 1);
	assert_string_equal(buf_text(&b), "sd_mod ");
	assert_int_equal(match("fs-squashfs", &b), 1);
	assert_int_equal(match("fs-squash", &b), 0);
	assert_int_equal(match("usb:v46F4p0001d0000dc00dsc00dp00ic08isc06ip50in00", &b), 1);
	assert_string_equal(buf_text(&b), "usb_storage ");
	assert_int_equal(match("", &b), 0);
}

static void dependencies_are_found_by_name(void **state)
{
	static const char dep[] =
		"kernel/fs/ext4/ext4.ko: kernel/fs/jbd2/jbd2.ko kernel/lib/crc16.ko\n"
		"kernel/fs/jbd2/jbd2.ko:\n"
		"kernel/drivers/net/net_failover.ko.xz: kernel/net/core/failover.ko.xz\n"
		"kernel/drivers/usb/usb-storage.ko:\n";

	(void)state;
	assert_ptr_equal(module_dep_line(dep, "ext4"), dep);
	assert_memory_equal(module_dep_line(dep, "jbd2"), "kernel/fs/jbd2/jbd2.ko:\n", 24);
	assert_memory_equal(module_dep_line(dep, "net-failover"), "kernel/drivers/net/net_failover",
			    31);
	assert_non_null(module_dep_line(dep, "usb_storage"));
	assert_null(module_dep_line(dep, "ext"));
	assert_null(module_dep_line("", "ext4"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(aliases_match_by_pattern),
		cmocka_unit_test(dependencies_are_found_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
