/* SPDX-License-Identifier: Apache-2.0 */
/* Room in a fresh FAT32, by the eyes of dosfstools and mtools. */
#include "tests/unit/check.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "lib/disk/fatrun.h"
#include "lib/disk/mkfs.h"
#include "lib/disk/mtools.h"
#include "lib/proc.h"
#include "tests/unit/scratch.h"

#define MIB   (1ull << 20)
#define SIZE  (300 * MIB)
#define LARGE (5 * MIB + 123)
#define CHECK_MS 60000

static int make(const char *path, const struct mtools *boot)
{
	const struct mkfs_place at = { .path = path, .start = MIB, .size = SIZE, .sector = 512 };
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	struct error err = { 0 };

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)(SIZE + 2 * MIB)), 0);
	assert_ok(mkfs_fat(&at, "TEST", &err), &err);
	assert_ok(mtools_mkdir(boot, "/a long directory", &err), &err);
	return fd;
}

static void put(int fd, const struct mtools *boot, const char *to, size_t len, char fill)
{
	struct error err = { 0 };
	uint64_t at = 0;
	char *data = malloc(len);

	assert_non_null(data);
	memset(data, fill, len);
	assert_ok(mtools_put_text(boot, "/" FATRUN_NAME, "", &err), &err);
	assert_ok(fatrun_reserve(fd, boot->start, len, &at, &err), &err);
	assert_int_equal(pwrite(fd, data, len, (off_t)at), (ssize_t)len);
	assert_ok(mtools_move(boot, "/" FATRUN_NAME, to, &err), &err);
	free(data);
}

struct count {
	size_t len;
	char fill;
};

static void count(void *arg, const void *data, size_t len)
{
	struct count *c = arg;

	for (size_t i = 0; i < len; i++)
		c->len += ((const char *)data)[i] == c->fill;
}

static void assert_holds(const struct mtools *boot, const char *path, size_t len, char fill)
{
	struct count c = { .fill = fill };
	struct mtools m = { boot->path, boot->start, count, &c };
	struct error err = { 0 };

	assert_ok(mtools_read(&m, path, len, &err), &err);
	assert_int_equal(c.len, len);
	assert_int_equal(mtools_read(&m, path, len + 1, &err), -EIO);
	error_reset(&err);
	assert_int_equal(mtools_read(&m, path, len - 1, &err), -EIO);
}

static void test_room(void **state)
{
	AUTO_SCRATCH struct scratch dir = scratch_make();
	char path[100], part[110], of[120], from[120];
	const char *cut[] = { "dd", from, of, "bs=1M", "skip=1", "count=300", "conv=sparse", NULL };
	const char *fsck[] = { "fsck.vfat", "-n", part, NULL };
	struct mtools boot = { .path = path, .start = MIB };
	struct error err = { 0 };
	int fd;

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/disk", dir.path);
	(void)snprintf(part, sizeof(part), "%s/part", dir.path);
	(void)snprintf(from, sizeof(from), "if=%s", path);
	(void)snprintf(of, sizeof(of), "of=%s", part);
	fd = make(path, &boot);
	put(fd, &boot, "/a long directory/large.img", LARGE, 'L');
	assert_ok(mtools_put_text(&boot, "/small", "between", &err), &err);
	put(fd, &boot, "/a long directory/second.img", 4096, 'S');
	assert_holds(&boot, "/a long directory/large.img", LARGE, 'L');
	assert_holds(&boot, "/a long directory/second.img", 4096, 'S');
	assert_ok(proc_run(cut, NULL, CHECK_MS, NULL, &err), &err);
	assert_ok(proc_run(fsck, NULL, CHECK_MS, NULL, &err), &err);
	(void)close(fd);
}

static void test_refuses(void **state)
{
	AUTO_SCRATCH struct scratch dir = scratch_make();
	char path[100];
	struct mtools boot = { .path = path, .start = MIB };
	struct error err = { 0 };
	uint64_t at = 0;
	int fd;

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/disk", dir.path);
	fd = make(path, &boot);
	assert_int_equal(fatrun_reserve(fd, MIB, MIB, &at, &err), -EBADMSG);
	error_reset(&err);
	assert_ok(mtools_put_text(&boot, "/" FATRUN_NAME, "", &err), &err);
	assert_int_equal(fatrun_reserve(fd, MIB, SIZE, &at, &err), -ENOSPC);
	error_reset(&err);
	assert_int_equal(fatrun_reserve(fd, MIB, 0, &at, &err), -ENOSPC);
	error_reset(&err);
	assert_int_equal(fatrun_reserve(fd, 0, MIB, &at, &err), -EBADMSG);
	(void)close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_room),
		cmocka_unit_test(test_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
