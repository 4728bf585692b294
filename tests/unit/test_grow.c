/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/disk/grow.h"
#include "lib/disk/lock.h"
#include "lib/disk/probe.h"
#include "lib/disk/table.h"
#include "lib/proc.h"
#include "tests/unit/scratch.h"

#define MIB (1ull << 20)

static void resize(const char *path, uint64_t size)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	(void)close(fd);
}

static struct probe_disk look(const char *path)
{
	struct error err = { 0 };
	struct probe_disk p;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_ok(probe_disk(fd, path, &p, &err), &err);
	(void)close(fd);
	return p;
}

static void test_table(void **state)
{
	static const enum table_kind kinds[] = { TABLE_GPT, TABLE_MSDOS };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		AUTO_SCRATCH struct scratch dir = scratch_make();
		const struct table_part parts[] = {
			{ .name = "one", .use = TABLE_BOOT, .start = MIB, .size = 20 * MIB },
			{ .name = "two", .use = TABLE_LINUX, .start = 21 * MIB, .size = 40 * MIB },
		};
		struct error err = { 0 };
		struct probe_disk p;
		char path[100];
		bool grown = true;

		(void)snprintf(path, sizeof(path), "%s/disk", dir.path);
		resize(path, 62 * MIB);
		assert_ok(table_write(path, kinds[i], parts, 2, &err), &err);
		assert_ok(table_grow(path, 2, &grown, &err), &err);
		assert_false(grown);
		resize(path, 200 * MIB);
		/* The first one has no room behind it. */
		assert_ok(table_grow(path, 1, &grown, &err), &err);
		assert_false(grown);
		assert_ok(table_grow(path, 2, &grown, &err), &err);
		assert_true(grown);
		p = look(path);
		assert_int_equal(p.n, 2);
		assert_int_equal(p.parts[0].fs.size, 20 * MIB);
		assert_int_equal(p.parts[1].start, 21 * MIB);
		assert_in_range(p.parts[1].fs.size, 177 * MIB, 179 * MIB);
		/* Once is enough. */
		assert_ok(table_grow(path, 2, &grown, &err), &err);
		assert_false(grown);
		assert_int_equal(table_grow(path, 5, &grown, &err), -ENODATA);
	}
}

static void test_filesystem(void **state)
{
	AUTO_SCRATCH struct scratch dir = scratch_make();
	char path[100];
	const char *make[] = { "mkfs.ext4", "-q", "-F", path, NULL };
	const char *check[] = { "e2fsck", "-f", "-n", path, NULL };
	struct error err = { 0 };
	bool grown = true;

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/fs", dir.path);
	resize(path, 64 * MIB);
	assert_ok(grow_filesystem(path, "ext4", false, &grown, &err), &err);
	assert_false(grown);
	assert_ok(proc_run(make, NULL, 60000, NULL, &err), &err);
	assert_ok(grow_filesystem(path, "ext4", false, &grown, &err), &err);
	assert_false(grown);
	resize(path, 256 * MIB);
	assert_ok(grow_filesystem(path, "xfs", false, &grown, &err), &err);
	assert_false(grown);
	assert_ok(grow_filesystem(path, "ext4", false, &grown, &err), &err);
	assert_true(grown);
	assert_ok(proc_run(check, NULL, 60000, NULL, &err), &err);
	assert_ok(grow_filesystem(path, "ext4", false, &grown, &err), &err);
	assert_false(grown);
	/* What is no partition is left alone. */
	assert_ok(grow_partition(path, &grown, &err), &err);
	assert_false(grown);
}

/* udev tries the lock, and leaves a disk alone that somebody has locked. */
static void test_lock(void **state)
{
	AUTO_SCRATCH struct scratch s = scratch_make();
	struct error err = { 0 };
	char path[256];
	int fd, lock;

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/disk", s.path);
	resize(path, MIB);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_ok(disk_lock(path, &lock, &err), &err);
	assert_int_equal(flock(fd, LOCK_SH | LOCK_NB), -1);
	(void)close(lock);
	assert_int_equal(flock(fd, LOCK_SH | LOCK_NB), 0);
	(void)close(fd);
}

/* udev is waited for: here a child has the disk's lock until it ends. */
static void test_lock_is_waited_for(void **state)
{
	AUTO_SCRATCH struct scratch s = scratch_make();
	struct error err = { 0 };
	char path[256];
	int fd, lock;
	pid_t pid;

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/disk", s.path);
	resize(path, MIB);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(flock(fd, LOCK_SH), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)usleep(200000);
		_exit(0);
	}
	(void)close(fd);
	assert_ok(disk_lock(path, &lock, &err), &err);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	(void)close(lock);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_filesystem),
		cmocka_unit_test(test_lock),
		cmocka_unit_test(test_lock_is_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
