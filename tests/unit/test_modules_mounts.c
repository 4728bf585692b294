/* SPDX-License-Identifier: Apache-2.0 */
/* mounts and swap: what the forms mean, and what is written about them. */
#include "tests/unit/agentroot.h"

#include "agent/modules/mountspec.h"
#include "agent/modules/swapsize.h"

#define GIB  (UINT64_C(1) << 30)
#define OURS ",comment=cloudconfig\t"

static void test_fstab(void **state)
{
	struct agentroot *f = *state;

	agentroot_put(f, "/etc/fstab",
		      "# mine\n/dev/x /x ext4 defaults 0 0\n"
		      "/dev/old /old ext4 defaults,comment=cloudconfig 0 0");
	agentroot_apply(f, "mounts:\n"
			   "- [vdb, /data]\n"
			   "- [LABEL=my disk, /my disk, ext4, \"\"]\n"
			   "- [/dev/vdc1, /c, xfs, 'ro,noatime', 0, 0]\n"
			   "- [UUID=1234-ABCD, none, swap, sw]\n"
			   "- [/opt/a, /opt/b, \"\", bind]\n"
			   "- ['host:/x', /nfs, nfs, ro]\n");
	agentroot_silent(f);
	agentroot_text(f, "/etc/fstab",
		       "# mine\n/dev/x /x ext4 defaults 0 0\n"
		       "/dev/vdb\t/data\tauto\tdefaults,nofail" OURS "0\t2\n"
		       "LABEL=my\\040disk\t/my\\040disk\text4\tdefaults,nofail" OURS "0\t2\n"
		       "/dev/vdc1\t/c\txfs\tro,noatime" OURS "0\t0\n"
		       "UUID=1234-ABCD\tnone\tswap\tsw" OURS "0\t2\n"
		       "/opt/a\t/opt/b\tauto\tbind" OURS "0\t2\n"
		       "host:/x\t/nfs\tnfs\tro" OURS "0\t2\n");
	assert_string_equal(agentroot_result(f, "mounts"), "changed");
	agentroot_idempotent(f);
}

static void test_defaults_and_removal(void **state)
{
	struct agentroot *f = *state;

	agentroot_apply(f, "mount_default_fields: [null, null, ext4, 'noatime,nofail', '1', '0']\n"
			   "device_aliases: {data: /dev/vdx}\n"
			   "mounts: [[sda1, /a], [sdb1, /b], [sda1, null], [data, /d]]\n");
	agentroot_text(f, "/etc/fstab",
		       "/dev/sdb1\t/b\text4\tnoatime,nofail" OURS "1\t0\n"
		       "/dev/vdx\t/d\text4\tnoatime,nofail" OURS "1\t0\n");
	agentroot_silent(f);
}

static void test_mistakes(void **state)
{
	static const char *const bad[] = {
		"mounts: [[]]",
		"mounts: [[vdb, data]]",
		"mounts: [[vdb, /]]",
		"mounts: [[vdb, /usr]]",
		"mounts: [[vdb, /a/../etc]]",
		"mounts: [[vdb]]",
		"mounts: [[vdb, /a, ext4, x, 0, 0, 0]]",
		"mounts: [[vdb, \"/a\\n/dev/x /etc ext4\", ext4]]",
		"mounts: [[[vdb], /a]]",
		"mounts: [/dev/vdb]",
	};
	struct agentroot *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		AUTO_BUF struct buf b = { 0 };

		agentroot_apply(f, bad[i]);
		if (strcmp(agentroot_result(f, "mounts"), "failed"))
			fail_msg("%s: %s", bad[i], agentroot_result(f, "mounts"));
		assert_true(doc_has_errors(f->p));
		agentroot_read(f, "/etc/fstab", &b);
		assert_int_equal(b.len, 0);
	}
	/* The good one beside a bad one is there. */
	agentroot_apply(f, "mounts: [[vdb], [vdc, /c]]\n");
	agentroot_has(f, "/etc/fstab", "/dev/vdc\t/c\t");
}

static void test_names_of_devices(void **state)
{
	static const struct {
		const char *name, *want;
	} rows[] = {
		{ "sda", "/dev/sda" },
		{ "sda1", "/dev/sda1" },
		{ "vdb", "/dev/vdb" },
		{ "xvdf1", "/dev/xvdf1" },
		{ "nvme0n1p1", "/dev/nvme0n1p1" },
		{ "mmcblk0p2", "/dev/mmcblk0p2" },
		{ "tmpfs", "tmpfs" },
		{ "LABEL=x", "LABEL=x" },
		{ "/dev/sda", "/dev/sda" },
		{ "host:/sda", "host:/sda" },
		{ "sd", "sd" },
		{ "//server/share", "//server/share" },
		{ "sda/../x", "sda/../x" },
		{ "vdb.1", "/dev/vdb1" },
		{ "/dev/nvme0n1.2", "/dev/nvme0n1p2" },
		{ "host:/vdb.1", "host:/vdb.1" },
		{ "/dev/mapper/a.1", "/dev/mapper/a.1" },
		{ "vdb.x", "vdb.x" },
	};
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	struct error err = { 0 };

	(void)state;
	assert_ok(doc_pool_new(&p, &err), &err);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_string_equal(mountspec_device(p, NULL, rows[i].name), rows[i].want);
}

static void test_remote_and_options(void **state)
{
	const struct mountspec nfs = { .field = { "h:/x", "/x", "nfs", "ro", "0", "0" } };
	const struct mountspec net = { .field = { "/dev/x", "/x", "ext4", "ro,_netdev", "0",
						  "0" } };
	const struct mountspec disk = { .field = { "/dev/x", "/x", "ext4", "nofail2", "0", "0" } };

	(void)state;
	assert_true(mountspec_is_remote(&nfs));
	assert_true(mountspec_is_remote(&net));
	assert_false(mountspec_is_remote(&disk));
	assert_false(mountspec_has_option(&disk, "nofail"));
	assert_true(mountspec_has_option(&net, "ro"));
}

static void test_sizes(void **state)
{
	static const struct {
		const char *text;
		uint64_t want;
	} rows[] = { { "0", 0 },
		     { "1048576", 1 << 20 },
		     { "512M", 512u << 20 },
		     { "512MB", 512u << 20 },
		     { "2G", 2 * GIB },
		     { "1.5GiB", GIB + GIB / 2 },
		     { "auto", SWAPSIZE_AUTO } };
	static const char *const bad[] = { "", "G", "-1", "2X", "1e9", "99999999T", "2 G x" };
	uint64_t n;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_true(swapsize_parse(rows[i].text, &n));
		assert_int_equal(n, rows[i].want);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (swapsize_parse(bad[i], &n))
			fail_msg("\"%s\" is no size", bad[i]);
}

static void test_automatic_size(void **state)
{
	static const struct {
		uint64_t memory, free, max, want; /* GiB */
	} rows[] = { { 1, 100, 0, 1 },	  { 4, 100, 0, 4 },    { 8, 100, 0, 4 },
		     { 16, 100, 0, 4 },	  { 32, 100, 0, 6 },   { 64, 100, 0, 8 },
		     { 128, 100, 0, 11 }, { 256, 100, 0, 16 }, { 512, 100, 0, 23 },
		     { 64, 16, 0, 4 },	  { 64, 100, 2, 2 },   { 4, 0, 0, 0 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct swapsize s = { .size = SWAPSIZE_AUTO,
					    .max = rows[i].max * GIB,
					    .memory = rows[i].memory * GIB,
					    .free = rows[i].free * GIB };

		assert_int_equal(swapsize_choose(&s), rows[i].want * GIB);
	}
}

static void test_swap(void **state)
{
	struct agentroot *f = *state;

	agentroot_apply(f, "swap: {filename: /var/swap, size: 64M}\n");
	assert_string_equal(agentroot_result(f, "swap"), "skipped");
	assert_false(file_exists(f->root, "/var/swap"));
	agentroot_apply(f, "swap: {filename: ../x, size: 64M}\n");
	assert_string_equal(agentroot_result(f, "swap"), "failed");
	agentroot_apply(f, "swap: {size: many}\n");
	assert_string_equal(agentroot_result(f, "swap"), "failed");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		agentroot_test(test_fstab),
		agentroot_test(test_defaults_and_removal),
		agentroot_test(test_mistakes),
		cmocka_unit_test(test_names_of_devices),
		cmocka_unit_test(test_remote_and_options),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_automatic_size),
		agentroot_test(test_swap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
