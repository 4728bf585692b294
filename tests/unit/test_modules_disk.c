/* SPDX-License-Identifier: Apache-2.0 */
/* Where partitions end, what a file system's superblock says, and mistakes in fs_setup. */
#include "tests/unit/agentroot.h"

#include "agent/modules/growth.h"
#include "agent/modules/rows.h"
#include "agent/network/proxy.h"
#include "lib/disk/table.h"

static void part(struct agentroot *f, const char *disk, const char *name, const char *number,
		 const char *start, const char *size)
{
	static const char *const files[] = { "partition", "start", "size" };
	const char *const values[] = { number, start, size };
	char path[128];

	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		(void)snprintf(path, sizeof(path), "/sys/class/block/%s/%s/%s", disk, name,
			       files[i]);
		agentroot_put(f, path, values[i]);
		(void)snprintf(path, sizeof(path), "/sys/class/block/%s/%s", name, files[i]);
		agentroot_put(f, path, values[i]);
	}
}

static void disk(struct agentroot *f, const char *name, const char *size)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "/sys/class/block/%s/size", name);
	agentroot_put(f, path, size);
}

static void test_growth(void **state)
{
	struct agentroot *f = *state;
	struct error err = { 0 };
	struct growth g;

	disk(f, "vda", "8388608\n");
	part(f, "vda", "vda1", "1\n", "2048\n", "204800\n");
	part(f, "vda", "vda2", "2\n", "206848\n", "4000000\n");
	disk(f, "nvme0n1", "1000000\n");
	part(f, "nvme0n1", "nvme0n1p3", "3\n", "2048\n", "997952\n");
	disk(f, "vdb", "1000\n");
	assert_ok(growth_look(f->root, "/dev/vda2", &g, &err), &err);
	assert_string_equal(g.disk, "/dev/vda");
	assert_ok(growth_look(f->root, "vda1", &g, &err), &err);
	assert_string_equal(g.part, "/dev/vda1");
	/* A disk means its last partition. */
	assert_ok(growth_look(f->root, "/dev/vda", &g, &err), &err);
	assert_string_equal(g.part, "/dev/vda2");
	assert_ok(growth_look(f->root, "/dev/nvme0n1", &g, &err), &err);
	assert_string_equal(g.part, "/dev/nvme0n1p3");
	assert_string_equal(g.disk, "/dev/nvme0n1");
	assert_ok(growth_look(f->root, "/dev/vdb", &g, &err), &err);
	assert_string_equal(g.part, "/dev/vdb");
	assert_string_equal(g.disk, "");
	assert_int_equal(growth_look(f->root, "/dev/vdx", &g, &err), -ENOENT);
	assert_int_equal(growth_look(f->root, "/dev/../x", &g, &err), -EINVAL);
	assert_int_equal(growth_look(f->root, "", &g, &err), -EINVAL);
}

static void test_mounted(void **state)
{
	static const char info[] = "22 1 0:20 / / rw - tmpfs root rw\n"
				   "30 22 253:2 / /state rw,noatime - ext4 /dev/vda2 rw\n"
				   "31 22 253:2 /var /var rw shared:3 - ext4 /dev/vda2 rw\n"
				   "32 22 0:30 / /data rw - tmpfs none rw\n"
				   "33 22 254:1 / /data rw - xfs /dev/vdb1 rw";
	char device[64];

	(void)state;
	assert_true(growth_mounted(info, "/state", device));
	assert_string_equal(device, "/dev/vda2");
	assert_true(growth_mounted(info, "/data", device));
	assert_string_equal(device, "/dev/vdb1");
	assert_false(growth_mounted(info, "/", device));
	assert_false(growth_mounted(info, "/stat", device));
	assert_false(growth_mounted("", "/", device));
	assert_true(growth_is_mounted(info, "/dev/vdb1"));
	assert_false(growth_is_mounted(info, "/dev/vdb"));
	assert_false(growth_is_mounted(info, "/dev/vda22"));
}

static void test_fs_setup(void **state)
{
	static const char *const bad[] = {
		"fs_setup: [{filesystem: ext4}]",
		"fs_setup: [{device: /etc/passwd, filesystem: ext4}]",
		"fs_setup: [{device: /dev/../etc/x, filesystem: ext4}]",
		"fs_setup: [{device: /dev/vdb, filesystem: 'ext4; reboot'}]",
		"fs_setup: [{device: /dev/vdb, filesystem: ext4, label: -F}]",
		"fs_setup: [{device: /dev/vdb, filesystem: ext4, partition: x}]",
		"fs_setup: [x]",
	};
	struct agentroot *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		agentroot_apply(f, bad[i]);
		if (strcmp(agentroot_result(f, "fs_setup"), "failed"))
			fail_msg("%s: %s", bad[i], agentroot_result(f, "fs_setup"));
	}
	/* Nothing is formatted below a root. */
	agentroot_put(f, "/dev/vdb", "data");
	agentroot_apply(f,
			"fs_setup: [{device: vdb, filesystem: ext4, label: D, overwrite: true}]\n");
	assert_string_equal(agentroot_result(f, "fs_setup"), "skipped");
	agentroot_text(f, "/dev/vdb", "data");
}

static void test_disk_setup(void **state)
{
	static const char *const bad[] = {
		"disk_setup: {/etc/x: {layout: true}}",
		"disk_setup: {/dev/../etc/x: {layout: true}}",
		"disk_setup: {vdb: {table_type: apm, layout: true}}",
		"disk_setup: {vdb: {layout: [50, 60]}}",
		"disk_setup: {vdb: {layout: [0]}}",
		"disk_setup: {vdb: {layout: [10, 10, 10, 10, 10]}}",
		"disk_setup: {vdb: {layout: remove}}",
		"disk_setup: {vdb: x}",
	};
	struct agentroot *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		agentroot_apply(f, bad[i]);
		if (strcmp(agentroot_result(f, "disk_setup"), "failed"))
			fail_msg("%s: %s", bad[i], agentroot_result(f, "disk_setup"));
	}
	agentroot_put(f, "/dev/vdb", "data");
	agentroot_apply(f, "disk_setup: {vdb: {table_type: gpt, layout: [33, [66, 82]], "
			   "overwrite: true}}\n");
	assert_string_equal(agentroot_result(f, "disk_setup"), "skipped");
	agentroot_text(f, "/dev/vdb", "data");
}

#define MIB (1u << 20)

/* A whole disk for the modules: a file below the root, and what the kernel would say of it. */
static void blank_disk(struct agentroot *f, const char *name)
{
	char path[128], full[256];

	disk(f, name, "131072\n");
	(void)snprintf(path, sizeof(path), "/dev/%s", name);
	agentroot_put(f, path, "");
	(void)snprintf(full, sizeof(full), "%s%s", f->s.path, path);
	assert_int_equal(truncate(full, 64 * MIB), 0);
}

/* What lies at both ends of a disk: the tables. */
static void read_ends(const struct agentroot *f, const char *path, struct buf *out)
{
	AUTO_FREE char *text = malloc(2 * MIB);
	AUTO_CLOSE int fd = -1;
	struct error err = { 0 };

	assert_ok(file_open(f->root, path, O_RDONLY, 0, &fd, &err), &err);
	assert_int_equal(pread(fd, text, MIB, 0), MIB);
	assert_int_equal(pread(fd, text + MIB, MIB, 63 * MIB), MIB);
	buf_reset(out);
	buf_add(out, text, 2 * MIB);
	assert_false(out->failed);
}

static void assert_same(const struct buf *a, const struct buf *b)
{
	assert_int_equal(a->len, b->len);
	assert_memory_equal(a->data, b->data, a->len);
}

static void write_by_hand(const struct agentroot *f, const char *path,
			  const struct table_part *parts, size_t n)
{
	struct error err = { 0 };
	char full[256];

	(void)snprintf(full, sizeof(full), "%s%s", f->s.path, path);
	assert_ok(table_write(full, TABLE_GPT, parts, n, &err), &err);
}

/* A boot with this configuration, of which one module runs as on the machine itself. */
static enum module_result boot_live(struct agentroot *f, const struct module *m, const char *yaml)
{
	AUTO_BUF struct buf message = { 0 };
	struct module_ctx c = { .root = f->root, .live = true };

	agentroot_apply(f, yaml);
	c.pool = f->p;
	c.config = f->a.config;
	c.instance = &f->a.instance;
	return module_run(&c, m, &message);
}

#define TWO_HALVES "disk_setup: {vdb: {table_type: gpt, layout: [50, 50], overwrite: true}"
#define AND_A_MISSING_ONE ", vdz: {layout: true, overwrite: true}}\n"

/* A disk is partitioned once for an instance, also while another one is missing at every boot, and
 * when the key says something else since: what its owner made of it in the meantime stays. */
static void test_disk_setup_once(void **state)
{
	static const struct table_part hand[] = {
		{ .name = "data", .use = TABLE_LINUX, .start = MIB, .size = 20 * MIB },
		{ .name = "data", .use = TABLE_LINUX, .start = 32 * MIB, .size = 20 * MIB },
		{ .name = "hand", .use = TABLE_LINUX, .start = 54 * MIB, .size = 6 * MIB },
	};
	AUTO_BUF struct buf first = BUF_WITH_LIMIT(4 * MIB), now = BUF_WITH_LIMIT(4 * MIB);
	struct agentroot *f = *state;

	blank_disk(f, "vdb");
	agentroot_give(f, DATASOURCE_META_DATA, "instance-id: i-1\n");
	assert_int_equal(boot_live(f, &module_disk_setup, TWO_HALVES AND_A_MISSING_ONE),
			 MODULE_FAILED);
	agentroot_said(f, "vdz");
	read_ends(f, "/dev/vdb", &first);
	assert_memory_equal(first.data + 512, "EFI PART", 8);
	assert_int_equal(boot_live(f, &module_disk_setup, TWO_HALVES AND_A_MISSING_ONE),
			 MODULE_FAILED);
	read_ends(f, "/dev/vdb", &now);
	assert_same(&first, &now);

	write_by_hand(f, "/dev/vdb", hand, ARRAY_LEN(hand));
	read_ends(f, "/dev/vdb", &first);
	assert_int_equal(boot_live(f, &module_disk_setup, TWO_HALVES AND_A_MISSING_ONE),
			 MODULE_FAILED);
	assert_int_equal(boot_live(f, &module_disk_setup, TWO_HALVES "}\n"), MODULE_UNCHANGED);
	assert_int_equal(boot_live(f, &module_disk_setup,
				   "disk_setup: {vdb: {layout: true, overwrite: true}}\n"),
			 MODULE_UNCHANGED);
	agentroot_said(f, "/dev/vdb was set up for this instance already");
	read_ends(f, "/dev/vdb", &now);
	assert_same(&first, &now);
	/* Another instance starts anew. */
	agentroot_give(f, DATASOURCE_META_DATA, "instance-id: i-2\n");
	assert_int_equal(boot_live(f, &module_disk_setup, TWO_HALVES "}\n"), MODULE_CHANGED);
}

/* overwrite is for a disk that is laid out otherwise; one that is as asked for, but for a last
 * partition that has grown, is left as it is, whatever became of the mark. */
static void test_disk_setup_as_it_is(void **state)
{
	static const struct table_part grown[] = {
		{ .name = "a", .use = TABLE_LINUX, .start = MIB, .size = 30 * MIB },
		{ .name = "b", .use = TABLE_LINUX, .start = 31 * MIB, .size = 32 * MIB },
	};
	AUTO_BUF struct buf first = BUF_WITH_LIMIT(4 * MIB), now = BUF_WITH_LIMIT(4 * MIB);
	struct table_part other = grown[0];
	struct agentroot *f = *state;

	blank_disk(f, "vdb");
	write_by_hand(f, "/dev/vdb", grown, ARRAY_LEN(grown));
	read_ends(f, "/dev/vdb", &first);
	agentroot_give(f, DATASOURCE_META_DATA, "instance-id: i-1\n");
	assert_int_equal(boot_live(f, &module_disk_setup, TWO_HALVES "}\n"), MODULE_UNCHANGED);
	read_ends(f, "/dev/vdb", &now);
	assert_same(&first, &now);

	write_by_hand(f, "/dev/vdb", &other, 1);
	read_ends(f, "/dev/vdb", &first);
	agentroot_give(f, DATASOURCE_META_DATA, "instance-id: i-2\n");
	assert_int_equal(boot_live(f, &module_disk_setup,
				   "disk_setup: {vdb: {table_type: gpt, layout: [50, 50]}}\n"),
			 MODULE_UNCHANGED);
	agentroot_said(f, "holds something already");
	read_ends(f, "/dev/vdb", &now);
	assert_same(&first, &now);
	assert_int_equal(boot_live(f, &module_disk_setup, TWO_HALVES "}\n"), MODULE_CHANGED);
}

/* The command stands for a mkfs whose result does not look as the entry says: a label that it cut,
 * or a file system that the owner made in its place. */
/* A scratch disk comes back blank: that it was set up once is no reason to leave it so. */
static void test_disk_setup_of_a_blank_disk(void **state)
{
	struct agentroot *f = *state;
	static const char config[] = "rancher: {cloud_init: {frequency: {disk_setup: boot}}}\n"
				     "disk_setup: {/dev/vdb: {table_type: gpt, layout: [50]}}\n";

	blank_disk(f, "vdb");
	agentroot_give(f, DATASOURCE_META_DATA, "instance-id: i-1\n");
	assert_int_equal(boot_live(f, &module_disk_setup, config), MODULE_CHANGED);
	assert_int_equal(boot_live(f, &module_disk_setup, config), MODULE_UNCHANGED);
	blank_disk(f, "vdb");
	assert_int_equal(boot_live(f, &module_disk_setup, config), MODULE_CHANGED);
}

static void test_fs_setup_once(void **state)
{
	struct agentroot *f = *state;
	AUTO_BUF struct buf one = { 0 }, both = { 0 }, edited = { 0 };

	blank_disk(f, "vdb");
	agentroot_put(f, "/log", "");
	agentroot_give(f, DATASOURCE_META_DATA, "instance-id: i-1\n");
	buf_fmt(&one, "fs_setup:\n- {device: vdb, filesystem: ext4, label: D, overwrite: true, "
		      "cmd: \"echo %%(device)s >>%s/log\"}\n", f->s.path);
	buf_fmt(&both, "%s- {device: vdz, filesystem: ext4, overwrite: true}\n", buf_text(&one));
	buf_fmt(&edited, "fs_setup:\n- {device: vdb, filesystem: ext4, label: E, overwrite: true, "
			 "cmd: \"echo again >>%s/log\"}\n", f->s.path);
	assert_int_equal(boot_live(f, &module_fs_setup, buf_text(&both)), MODULE_FAILED);
	agentroot_said(f, "vdz");
	agentroot_text(f, "/log", "/dev/vdb\n");
	assert_int_equal(boot_live(f, &module_fs_setup, buf_text(&both)), MODULE_FAILED);
	assert_int_equal(boot_live(f, &module_fs_setup, buf_text(&one)), MODULE_UNCHANGED);
	assert_int_equal(boot_live(f, &module_fs_setup, buf_text(&edited)), MODULE_UNCHANGED);
	agentroot_said(f, "/dev/vdb was set up for this instance already");
	agentroot_text(f, "/log", "/dev/vdb\n");
	agentroot_give(f, DATASOURCE_META_DATA, "instance-id: i-2\n");
	assert_int_equal(boot_live(f, &module_fs_setup, buf_text(&one)), MODULE_CHANGED);
	agentroot_text(f, "/log", "/dev/vdb\n/dev/vdb\n");
	/* A disk that loses what it holds at each boot is set up at each. */
	buf_str(&one, "rancher: {cloud_init: {frequency: {fs_setup: boot}}}\n");
	assert_int_equal(boot_live(f, &module_fs_setup, buf_text(&one)), MODULE_CHANGED);
	agentroot_text(f, "/log", "/dev/vdb\n/dev/vdb\n/dev/vdb\n");
}

static void test_used_disks(void **state)
{
	struct agentroot *f = *state;
	char blank[] = "/dev/vdb";
	char full[256];

	disk(f, "vdb", "4096\n");
	(void)snprintf(full, sizeof(full), "%s/dev/vdb", f->s.path);
	agentroot_put(f, "/dev/x", "");
	{
		AUTO_CLOSE int fd = open(full, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

		assert_int_equal(ftruncate(fd, 2 << 20), 0);
		assert_false(growth_is_used(f->root, blank));
		assert_int_equal(pwrite(fd, "x", 1, 70000), 1);
		assert_true(growth_is_used(f->root, blank));
		agentroot_put(f, "/dev/disk/by-id/x", "");
		assert_int_equal(unlinkat(f->root, "dev/disk/by-id/x", 0), 0);
		assert_int_equal(symlinkat("../../vdb", f->root, "dev/disk/by-id/x"), 0);
		assert_true(growth_is_used(f->root, "/dev/disk/by-id/x"));
		assert_int_equal(pwrite(fd, "", 1, 70000), 1);
		assert_false(growth_is_used(f->root, "/dev/disk/by-id/x"));
	}
	disk(f, "vdc", "4096\n");
	part(f, "vdc", "vdc1", "1\n", "2048\n", "100\n");
	assert_true(growth_is_used(f->root, "/dev/vdc"));
	assert_false(growth_is_used(f->root, "/dev/vdc1"));
}

static void test_environment(void **state)
{
	struct agentroot *f = *state;

	agentroot_apply(
		f, "rancher:\n  environment: {PATH: '/opt/a,/opt/b', HTTPS_PROXY: own, X: y}\n"
		   "  network: {http_proxy: \"http://p:1/$(x)'\", https_proxy: 'http://q:2'}\n");
	agentroot_text(f, "/etc/profile.d/20-rancher-environment.sh",
		       "# Made by ros agent from rancher.environment and rancher.network.\n"
		       "export PATH=$PATH:'/opt/a:/opt/b'\n"
		       "export http_proxy='http://p:1/$(x)'\\'''\n"
		       "export HTTP_PROXY='http://p:1/$(x)'\\'''\n"
		       "export https_proxy='http://q:2'\n"
		       "export HTTPS_PROXY='own'\n");
	agentroot_idempotent(f);
	agentroot_apply(f, "hostname: a\n");
	assert_false(file_exists(f->root, "/etc/profile.d/20-rancher-environment.sh"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		agentroot_test(test_growth),	 cmocka_unit_test(test_mounted),
		agentroot_test(test_fs_setup),	 agentroot_test(test_disk_setup),
		agentroot_test(test_disk_setup_once),
		agentroot_test(test_disk_setup_as_it_is),
		agentroot_test(test_fs_setup_once),
		agentroot_test(test_disk_setup_of_a_blank_disk),
		agentroot_test(test_used_disks), agentroot_test(test_environment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
