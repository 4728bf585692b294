/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/disk/probe.h"
#include "lib/file.h"
#include "lib/proc.h"
#include "tests/unit/check.h"

static char dir[] = "/tmp/test-probe-XXXXXX";
static int root = -1;

static void make_image(const char *name, off_t size, const char *const *argv)
{
	struct error err = { 0 };
	char path[128];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/dev/%s", dir, name);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, size), 0);
	assert_int_equal(close(fd), 0);
	if (argv)
		assert_ok(proc_run(argv, NULL, 20000, NULL, &err), &err);
}

static int set_up(void **state)
{
	struct error err = { 0 };
	char dev[64], path[128];

	(void)state;
	assert_non_null(mkdtemp(dir));
	(void)snprintf(dev, sizeof(dev), "%s/dev", dir);
	assert_int_equal(mkdir(dev, 0755), 0);
	(void)snprintf(path, sizeof(path), "%s/vda", dev);
	make_image("vda", 8 << 20,
		   (const char *const[]){ "mke2fs", "-q", "-t", "ext4", "-L", "RANCHER_STATE", "-U",
					  "6f1ed002-ab59-4a5a-9d3c-3f2d5a0b6c11", path, NULL });
	make_image("vdb", 1 << 20, NULL);
	assert_ok(file_root_open(dir, &root, &err), &err);
	return 0;
}

static int tear_down(void **state)
{
	const char *const argv[] = { "rm", "-rf", dir, NULL };

	(void)state;
	(void)close(root);
	return proc_run(argv, NULL, 5000, NULL, NULL);
}

static void file_system_is_recognised(void **state)
{
	struct error err = { 0 };
	struct probe p;

	(void)state;
	assert_ok(probe_device(root, "/dev/vda", &p, &err), &err);
	assert_string_equal(p.path, "/dev/vda");
	assert_string_equal(p.type, "ext4");
	assert_string_equal(p.label, "RANCHER_STATE");
	assert_string_equal(p.uuid, "6f1ed002-ab59-4a5a-9d3c-3f2d5a0b6c11");
	assert_int_equal(p.size, 8 << 20);
}

static void nothing_known_is_no_error(void **state)
{
	struct error err = { 0 };
	struct probe p;

	(void)state;
	assert_ok(probe_device(root, "/dev/vdb", &p, &err), &err);
	assert_string_equal(p.type, "");
	assert_int_equal(probe_device(root, "/dev/vdc", &p, NULL), -ENOENT);
}

static void found_by_label_and_uuid(void **state)
{
	struct error err = { 0 };
	struct probe p;

	(void)state;
	assert_ok(probe_find(root, "LABEL=RANCHER_STATE", false, &p, &err), &err);
	assert_string_equal(p.path, "/dev/vda");
	assert_ok(probe_find(root, "LABEL=rancher_state", true, &p, &err), &err);
	assert_int_equal(probe_find(root, "LABEL=rancher_state", false, &p, NULL), -ENODATA);
	assert_ok(probe_find(root, "UUID=6F1ED002-AB59-4A5A-9D3C-3F2D5A0B6C11", false, &p, &err),
		  &err);
	assert_ok(probe_find(root, "/dev/vdb", false, &p, &err), &err);
	assert_int_equal(probe_find(root, "/dev/none", false, &p, NULL), -ENODATA);
	assert_int_equal(probe_find(root, "LABEL=", false, &p, NULL), -EINVAL);
	assert_int_equal(probe_find(root, "vda", false, &p, NULL), -EINVAL);
}

static bool count(void *arg, const struct probe *p)
{
	int *n = arg;

	assert_string_equal(p->path, *n == 0 ? "/dev/vda" : "/dev/vdb");
	return ++*n < 10;
}

static void each_is_visited_in_order(void **state)
{
	struct error err = { 0 };
	int n = 0;

	(void)state;
	assert_ok(probe_each(root, count, &n, &err), &err);
	assert_int_equal(n, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(file_system_is_recognised),
		cmocka_unit_test(nothing_known_is_no_error),
		cmocka_unit_test(found_by_label_and_uuid),
		cmocka_unit_test(each_is_visited_in_order),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
