/* SPDX-License-Identifier: Apache-2.0 */
/* Room in a fresh FAT32, by the eyes of dosfstools and mtools. */
#include "tests/unit/check.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "installer/readback.h"
#include "lib/disk/fatrun.h"
#include "lib/disk/image.h"
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
	const char *const dirs[] = { "/a long directory", NULL };
	struct error err = { 0 };

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)(SIZE + 2 * MIB)), 0);
	assert_ok(mkfs_fat(&at, "TEST", &err), &err);
	assert_ok(mtools_mkdirs(boot, dirs, &err), &err);
	/* Again is fine. */
	assert_ok(mtools_mkdirs(boot, dirs, &err), &err);
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

static void assert_fill(const char *data, size_t len, size_t want, char fill)
{
	assert_int_equal(len, want);
	for (size_t i = 0; i < len; i++)
		assert_int_equal(data[i], fill);
}

static void collect(void *arg, const void *data, size_t len)
{
	buf_add(arg, data, len);
}

/* By mtools' eyes, and by those of the installer. */
static void assert_holds(const struct mtools *boot, const char *path, size_t len, char fill)
{
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(2 * LARGE), back = BUF_WITH_LIMIT(2 * LARGE);
	const struct mtools watched = { boot->path, boot->start, collect, &back };
	struct error err = { 0 };

	assert_ok(mtools_get_text(boot, path, &text, &err), &err);
	assert_fill(text.data, text.len, len, fill);
	assert_ok(readback_file(&watched, path, len, &err), &err);
	assert_fill(back.data, back.len, len, fill);
	assert_int_equal(readback_file(&watched, path, len + 1, &err), -EIO);
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

/* A file in three pieces, the last one before the others: what is read follows the table. */
static void test_pieces(void **state)
{
	static const char letters[] = "abc";
	AUTO_SCRATCH struct scratch dir = scratch_make();
	AUTO_BUF struct buf back = BUF_WITH_LIMIT(MIB);
	char path[100], cluster[4096];
	struct mtools boot = { .path = path, .start = MIB, .seen = collect, .arg = &back };
	struct error err = { 0 };
	uint8_t head[512], chain[12];
	uint64_t at = 0, table, first;
	uint32_t size;
	int fd;

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/disk", dir.path);
	fd = make(path, &boot);
	assert_ok(mtools_put_text(&boot, "/" FATRUN_NAME, "", &err), &err);
	assert_int_equal(pread(fd, head, sizeof(head), MIB), sizeof(head));
	size = 512u * head[13];
	assert_true(size <= sizeof(cluster));
	assert_ok(fatrun_reserve(fd, MIB, 3 * (uint64_t)size - 10, &at, &err), &err);
	table = MIB + 512ull * (head[14] | head[15] << 8);
	first = (at - table - 2 * 512ull * image_le32(head + 36)) / size + 2;
	for (int i = 0; i < 3; i++) {
		memset(cluster, letters[i], size);
		assert_int_equal(pwrite(fd, cluster, size, (off_t)(at + (uint64_t)i * size)), size);
	}
	/* a, c, b */
	memset(chain, 0, sizeof(chain));
	chain[0] = (uint8_t)(first + 2);
	memset(chain + 4, 0xff, 4);
	chain[8] = (uint8_t)(first + 1);
	assert_true(first + 2 < 256);
	assert_int_equal(pwrite(fd, chain, sizeof(chain), (off_t)(table + 4 * first)), 12);
	assert_ok(readback_file(&boot, "/" FATRUN_NAME, 3 * (uint64_t)size - 10, &err), &err);
	assert_int_equal(back.len, 3 * size - 10);
	assert_int_equal(back.data[0], 'a');
	assert_int_equal(back.data[size], 'c');
	assert_int_equal(back.data[2 * size], 'b');
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
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
