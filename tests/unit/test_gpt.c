/* SPDX-License-Identifier: Apache-2.0 */
/* Growing a GPT, cut at every point. */
#include "tests/unit/check.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "lib/disk/gpt.h"
#include "lib/disk/probe.h"
#include "lib/disk/table.h"
#include "lib/proc.h"
#include "tests/unit/scratch.h"

#define MIB (1ull << 20)
#define OLD (62 * MIB)
#define NEW (200 * MIB)
/* The sectors that the first copy may use. */
#define HEAD (128u << 10)

/* *path gets its path. */
static int make_disk(const struct scratch *dir, char *path, size_t size)
{
	const struct table_part parts[] = {
		{ .name = "one", .use = TABLE_BOOT, .start = MIB, .size = 20 * MIB },
		{ .name = "two", .use = TABLE_LINUX, .start = 21 * MIB, .size = 40 * MIB },
	};
	struct error err = { 0 };
	int fd;

	(void)snprintf(path, size, "%s/disk", dir->path);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)OLD), 0);
	assert_ok(table_write(path, TABLE_GPT, parts, 2, &err), &err);
	assert_int_equal(ftruncate(fd, (off_t)NEW), 0);
	return fd;
}

/* What the kernel does without being told to look further: the first copy alone is believed. */
static uint64_t size_of_second(int fd)
{
	struct gpt_plan plan;
	struct error err = { 0 };
	uint64_t size;

	/* So much slack that there is never anything to do: what is there is read and checked. */
	assert_ok(gpt_plan_grow(fd, 512, NEW, 2, ~0ull, &plan, &err), &err);
	assert_int_equal(plan.n, 0);
	assert_int_equal(plan.start, 21 * MIB);
	size = plan.size;
	gpt_plan_done(&plan);
	return size;
}

static void write_some(int fd, const struct gpt_write *w, unsigned keep)
{
	/* Sectors of a write arrive in any order, each as a whole. */
	for (size_t at = 0, i = 0; at < w->len; at += 512, i++) {
		if (keep >> (i % 32) & 1)
			assert_int_equal(pwrite(fd, (const char *)w->data + at, 512,
						(off_t)(w->at + at)),
					 512);
	}
}

static void test_every_cut(void **state)
{
	AUTO_SCRATCH struct scratch dir = scratch_make();
	static unsigned char before[HEAD];
	struct error err = { 0 };
	struct gpt_plan plan;
	char path[100];
	int fd;

	(void)state;
	fd = make_disk(&dir, path, sizeof(path));
	assert_ok(gpt_plan_grow(fd, 512, NEW, 2, 2 * MIB, &plan, &err), &err);
	assert_true(plan.n > 2);
	for (size_t done = 0; done < plan.n; done++) {
		assert_int_equal(pread(fd, before, HEAD, 0), HEAD);
		for (unsigned keep = 0; keep < 16; keep++) {
			uint64_t size;

			write_some(fd, &plan.write[done], keep * 0x11111111u);
			size = size_of_second(fd);
			if (size != 40 * MIB && size != plan.size)
				fail_msg("write %zu, %x: %llu bytes", done, keep,
					 (unsigned long long)size);
			assert_int_equal(pwrite(fd, before, HEAD, 0), HEAD);
		}
		write_some(fd, &plan.write[done], ~0u);
		/* Written as a whole: never less than there was. */
		assert_true(size_of_second(fd) >= 40 * MIB);
	}
	assert_int_equal(size_of_second(fd), plan.size);
	assert_in_range(plan.size, 177 * MIB, 179 * MIB);
	gpt_plan_done(&plan);
	(void)close(fd);
}

/* Cut after the header was turned, grown again: by the eyes of another program it is whole. */
static void test_goes_on(void **state)
{
	AUTO_SCRATCH struct scratch dir = scratch_make();
	struct error err = { 0 };
	struct gpt_plan plan;
	struct probe_disk probe;
	bool grown = false;
	char path[100];
	int fd;

	(void)state;
	fd = make_disk(&dir, path, sizeof(path));
	assert_ok(gpt_plan_grow(fd, 512, NEW, 2, 2 * MIB, &plan, &err), &err);
	plan.n = 4;
	assert_ok(gpt_apply(fd, &plan, &err), &err);
	gpt_plan_done(&plan);
	assert_ok(probe_disk(fd, path, &probe, &err), &err);
	assert_int_equal(probe.n, 2);
	assert_in_range(probe.parts[1].fs.size, 177 * MIB, 179 * MIB);
	assert_int_equal(ftruncate(fd, 2 * NEW), 0);
	assert_ok(table_grow(path, 2, &grown, &err), &err);
	assert_true(grown);
	assert_ok(probe_disk(fd, path, &probe, &err), &err);
	assert_in_range(probe.parts[1].fs.size, 377 * MIB, 379 * MIB);
	(void)close(fd);
}

/* Other programs make lists of more than 128 entries: the second copy then takes more room. */
static void make_list_long(int fd)
{
	static unsigned char list[512 * 128];
	unsigned char h[512];
	uint32_t entries = 512, sum;

	assert_int_equal(pread(fd, h, sizeof(h), 512), sizeof(h));
	assert_int_equal(pread(fd, list, sizeof(list), 1024), sizeof(list));
	memcpy(h + 80, &entries, 4);
	sum = (uint32_t)crc32(0, list, sizeof(list));
	memcpy(h + 88, &sum, 4);
	memset(h + 16, 0, 4);
	sum = (uint32_t)crc32(0, h, 92);
	memcpy(h + 16, &sum, 4);
	assert_int_equal(pwrite(fd, h, sizeof(h), 512), sizeof(h));
}

static void test_long_list(void **state)
{
	AUTO_SCRATCH struct scratch dir = scratch_make();
	/* A few sectors beyond a whole MiB: not enough for the second copy. */
	const uint64_t size = NEW + 40 * 512;
	struct error err = { 0 };
	struct gpt_plan plan;
	uint64_t last_usable;
	char path[100];
	int fd;

	(void)state;
	fd = make_disk(&dir, path, sizeof(path));
	make_list_long(fd);
	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	assert_ok(gpt_plan_grow(fd, 512, size, 2, 2 * MIB, &plan, &err), &err);
	assert_ok(gpt_apply(fd, &plan, &err), &err);
	assert_int_equal(pread(fd, &last_usable, 8, 512 + 48), 8);
	assert_true((plan.start + plan.size) / 512 - 1 <= last_usable);
	assert_true(plan.size > 40 * MIB);
	gpt_plan_done(&plan);
	(void)close(fd);
}

static void test_refuses(void **state)
{
	AUTO_SCRATCH struct scratch dir = scratch_make();
	struct error err = { 0 };
	struct gpt_plan plan;
	char path[100];
	int fd;

	(void)state;
	fd = make_disk(&dir, path, sizeof(path));
	assert_true(gpt_is_there(fd, 512));
	assert_int_equal(gpt_plan_grow(fd, 512, NEW, 7, 0, &plan, &err), -ENODATA);
	gpt_plan_done(&plan);
	assert_int_equal(gpt_plan_grow(fd, 512, NEW, 0, 0, &plan, &err), -ENODATA);
	gpt_plan_done(&plan);
	assert_int_equal(gpt_plan_grow(fd, 512, NEW, ~0u, 0, &plan, &err), -ENODATA);
	gpt_plan_done(&plan);
	/* A bit in the list. */
	assert_int_equal(pwrite(fd, "X", 1, 1024 + 60), 1);
	assert_int_equal(gpt_plan_grow(fd, 512, NEW, 2, 0, &plan, &err), -EBADMSG);
	gpt_plan_done(&plan);
	/* In the header. */
	assert_int_equal(pwrite(fd, "X", 1, 512 + 50), 1);
	assert_int_equal(gpt_plan_grow(fd, 512, NEW, 2, 0, &plan, &err), -EBADMSG);
	gpt_plan_done(&plan);
	assert_int_equal(pwrite(fd, "X", 1, 512), 1);
	assert_false(gpt_is_there(fd, 512));
	(void)close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_cut),
		cmocka_unit_test(test_goes_on),
		cmocka_unit_test(test_long_list),
		cmocka_unit_test(test_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
