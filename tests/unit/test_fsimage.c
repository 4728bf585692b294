/* SPDX-License-Identifier: Apache-2.0 */
/* Files out of iso9660 and FAT images made by xorriso, mkfs.vfat and mtools: all name forms, sizes
 * at the edges, symbolic links, and images that are cut off or damaged. */
#include "tests/unit/check.h"
#include "tests/unit/scratch.h"

#include <errno.h>
#include <fcntl.h>

#include "lib/disk/fsimage.h"
#include "lib/file.h"
#include "lib/proc.h"
#include "lib/scope.h"

#define MAKE_MS 20000
#define LIMIT   100000

struct fixture {
	struct scratch s;
	int root;
	char image[128];
};

static int setup(void **state)
{
	static struct fixture f;

	f = (struct fixture){ .s = scratch_make() };
	(void)snprintf(f.image, sizeof(f.image), "%s/image", f.s.path);
	*state = &f;
	return file_root_open(f.s.path, &f.root, NULL);
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	(void)close(f->root);
	scratch_done(&f->s);
	return 0;
}

/* The tree that every image holds; `script` makes $1/image out of the folder $1/t. */
static void make(struct fixture *f, const char *script)
{
	AUTO_BUF struct buf text = { 0 };
	AUTO_BUF struct buf out = BUF_WITH_LIMIT(65536);
	const char *argv[] = { "bash", "-ec", NULL, "make", f->s.path, NULL };
	struct error err = { 0 };

	buf_fmt(&text,
		"cd \"$1\"; mkdir -p t/openstack/latest t/a/b/c; printf 'instance-id: x\\n' "
		">t/meta-data; : >t/user-data; echo hi >t/openstack/latest/user_data; "
		"echo deep >t/a/b/c/f; head -c 70000 /dev/zero | tr '\\0' z >t/large; "
		"head -c 2048 /dev/zero | tr '\\0' y >t/sector; %s",
		script);
	argv[2] = buf_text(&text);
	assert_ok(proc_run(argv, NULL, MAKE_MS, &out, &err), &err);
}

static int get(struct fixture *f, const char *type, const char *path, struct buf *b,
	       struct error *err)
{
	AUTO_CLOSE int fd = open(f->image, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	buf_done(b);
	*b = BUF_WITH_LIMIT(LIMIT);
	return fsimage_read(fd, type, path, b, err);
}

static void check_tree(struct fixture *f, const char *type)
{
	AUTO_BUF struct buf b = { 0 };
	struct error err = { 0 };

	assert_ok(get(f, type, "meta-data", &b, &err), &err);
	assert_string_equal(buf_text(&b), "instance-id: x\n");
	assert_ok(get(f, type, "/user-data", &b, &err), &err);
	assert_int_equal(b.len, 0);
	assert_ok(get(f, type, "OpenStack/LATEST/user_data", &b, &err), &err);
	assert_string_equal(buf_text(&b), "hi\n");
	assert_ok(get(f, type, "a//b/c/f", &b, &err), &err);
	assert_string_equal(buf_text(&b), "deep\n");
	assert_ok(get(f, type, "large", &b, &err), &err);
	assert_int_equal(b.len, 70000);
	assert_int_equal(b.data[69999], 'z');
	assert_ok(get(f, type, "sector", &b, &err), &err);
	assert_int_equal(b.len, 2048);
	assert_int_equal(get(f, type, "vendor-data", &b, &err), -ENOENT);
	assert_int_equal(get(f, type, "meta-dat", &b, &err), -ENOENT);
	assert_int_equal(get(f, type, "meta-data/x", &b, &err), -ENOENT);
	assert_int_equal(get(f, type, "openstack", &b, &err), -EISDIR);
	assert_int_equal(get(f, type, "a/../meta-data", &b, &err), -ENOENT);
}

#define XORRISO "xorriso -as mkisofs -quiet -V cidata -o image "

static void test_rock_ridge(void **state)
{
	make(*state, XORRISO "-r t");
	check_tree(*state, "iso9660");
}

static void test_joliet(void **state)
{
	make(*state, XORRISO "-J t");
	check_tree(*state, "iso9660");
}

static void test_both(void **state)
{
	make(*state, XORRISO "-J -r t");
	check_tree(*state, "iso9660");
}

/* Names of level 1 are cut and in upper case: only such can be found. */
static void test_plain_iso(void **state)
{
	AUTO_BUF struct buf b = { 0 };
	struct error err = { 0 };

	make(*state, "mkdir u; echo x >u/ENV.XML; " XORRISO "-iso-level 1 u");
	assert_ok(get(*state, "iso9660", "env.xml", &b, &err), &err);
	assert_string_equal(buf_text(&b), "x\n");
}

/* A Rock Ridge name of 200 characters lies in a continuation area. */
static void test_long_rock_name(void **state)
{
	AUTO_BUF struct buf b = { 0 };
	struct error err = { 0 };
	char name[201];

	memset(name, 'n', 200);
	name[200] = '\0';
	make(*state, "echo long >t/$(head -c 200 /dev/zero | tr '\\0' n); " XORRISO "-r t");
	assert_ok(get(*state, "iso9660", name, &b, &err), &err);
	assert_string_equal(buf_text(&b), "long\n");
}

static void test_symbolic_link(void **state)
{
	AUTO_BUF struct buf b = { 0 };
	struct error err = { 0 };

	make(*state, "ln -s /etc/passwd t/out; ln -s a t/dir; " XORRISO "-r t");
	assert_int_equal(get(*state, "iso9660", "out", &b, &err), -ELOOP);
	assert_string_equal(err.msg, "out is a symbolic link, which no seed may hold");
	assert_int_equal(get(*state, "iso9660", "dir/b/c/f", &b, &err), -ELOOP);
	assert_int_equal(b.len, 0);
}

/* A directory of several sectors. */
#define MANY "for i in $(seq 300); do echo $i >t/a/many-files-with-long-names-$i; done; "

static void check_many(struct fixture *f, const char *type)
{
	AUTO_BUF struct buf b = { 0 };
	struct error err = { 0 };

	assert_ok(get(f, type, "a/many-files-with-long-names-299", &b, &err), &err);
	assert_string_equal(buf_text(&b), "299\n");
}

static void test_large_directory_iso(void **state)
{
	make(*state, MANY XORRISO "-r t");
	check_many(*state, "iso9660");
}

#define VFAT(size, bits)                                                                 \
	"truncate -s " size " image; mkfs.vfat -F " bits " -n CIDATA image >/dev/null; " \
	"export MTOOLS_SKIP_CHECK=1; mcopy -s -i image t/* ::"

static void test_fat12(void **state)
{
	make(*state, VFAT("2M", "12"));
	check_tree(*state, "vfat");
}

static void test_fat16(void **state)
{
	make(*state, MANY VFAT("20M", "16"));
	check_tree(*state, "vfat");
	check_many(*state, "vfat");
}

static void test_fat32(void **state)
{
	make(*state, MANY VFAT("64M", "32 -s 1"));
	check_tree(*state, "vfat");
	check_many(*state, "vfat");
}

/* Deleted entries are passed over, and their long names with them. */
static void test_deleted(void **state)
{
	AUTO_BUF struct buf b = { 0 };
	struct error err = { 0 };

	make(*state,
	     VFAT("2M", "12") "; mdel -i image ::meta-data; mcopy -i image t/sector ::again");
	assert_int_equal(get(*state, "vfat", "meta-data", &b, &err), -ENOENT);
	assert_ok(get(*state, "vfat", "again", &b, &err), &err);
	assert_int_equal(b.len, 2048);
}

static void test_limit(void **state)
{
	AUTO_BUF struct buf b = { 0 };
	struct error err = { 0 };

	make(*state, "head -c 100001 /dev/zero >t/over; " XORRISO "-r t");
	assert_int_equal(get(*state, "iso9660", "over", &b, &err), -E2BIG);
	make(*state, "rm image; " VFAT("2M", "12"));
	assert_int_equal(get(*state, "vfat", "over", &b, &err), -E2BIG);
	assert_int_equal(get(*state, "ext4", "over", &b, &err), -ENOTSUP);
}

/* An image of any length less than the whole is refused or, where the file itself lies before the
 * cut, read; never anything else. */
static void check_cut(struct fixture *f, const char *type)
{
	struct stat st;

	assert_int_equal(stat(f->image, &st), 0);
	for (off_t size = st.st_size; size >= 0; size -= 512 + st.st_size / 200) {
		AUTO_BUF struct buf b = { 0 };
		struct error err = { 0 };
		int r;

		assert_int_equal(truncate(f->image, size), 0);
		r = get(f, type, "large", &b, &err);
		assert_true(r == 0 || r == -EBADMSG || r == -ENOENT);
		if (r == 0)
			assert_int_equal(b.len, 70000);
	}
}

static void test_cut_off(void **state)
{
	make(*state, XORRISO "-r t");
	check_cut(*state, "iso9660");
	make(*state, "rm image; " VFAT("2M", "12"));
	check_cut(*state, "vfat");
}

/* Noise in place of any sector gives an error or a file of at most the limit. */
static void check_noise(struct fixture *f, const char *type, int sectors)
{
	unsigned seed = 1;

	for (int i = 0; i < sectors; i++) {
		AUTO_CLOSE int fd = open(f->image, O_RDWR | O_CLOEXEC);
		AUTO_BUF struct buf b = { 0 };
		char saved[512], noise[512];
		int r;

		for (size_t k = 0; k < sizeof(noise); k++) {
			seed = seed * 1103515245 + 12345;
			noise[k] = (char)(seed >> 16);
		}
		assert_int_equal(pread(fd, saved, 512, i * 512), 512);
		assert_int_equal(pwrite(fd, noise, 512, i * 512), 512);
		r = get(f, type, "openstack/latest/user_data", &b, NULL);
		assert_true(r <= 0 && b.len <= LIMIT);
		assert_int_equal(pwrite(fd, saved, 512, i * 512), 512);
	}
}

static void test_noise(void **state)
{
	make(*state, XORRISO "-r t");
	check_noise(*state, "iso9660", 400);
	make(*state, "rm image; " VFAT("2M", "12"));
	check_noise(*state, "vfat", 400);
}

/* A chain that runs in a circle ends with the file's size; a directory's is refused. */
static void test_circle(void **state)
{
	struct fixture *f = *state;
	AUTO_BUF struct buf b = { 0 };
	struct error err = { 0 };
	static const char circle[] = "\x02\x00\x00\x00";
	AUTO_CLOSE int fd = -1;

	make(f, "truncate -s 64M image; mkfs.vfat -F 32 -s 1 image >/dev/null; mmd -i image ::d");
	fd = open(f->image, O_RDWR | O_CLOEXEC);

	/* The root directory's cluster 2 leads to itself. */
	assert_int_equal(pwrite(fd, circle, 4, 32 * 512 + 8), 4);
	assert_int_equal(get(f, "vfat", "nothing", &b, &err), -E2BIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_rock_ridge, setup, teardown),
		cmocka_unit_test_setup_teardown(test_joliet, setup, teardown),
		cmocka_unit_test_setup_teardown(test_both, setup, teardown),
		cmocka_unit_test_setup_teardown(test_plain_iso, setup, teardown),
		cmocka_unit_test_setup_teardown(test_long_rock_name, setup, teardown),
		cmocka_unit_test_setup_teardown(test_symbolic_link, setup, teardown),
		cmocka_unit_test_setup_teardown(test_large_directory_iso, setup, teardown),
		cmocka_unit_test_setup_teardown(test_fat12, setup, teardown),
		cmocka_unit_test_setup_teardown(test_fat16, setup, teardown),
		cmocka_unit_test_setup_teardown(test_fat32, setup, teardown),
		cmocka_unit_test_setup_teardown(test_deleted, setup, teardown),
		cmocka_unit_test_setup_teardown(test_limit, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cut_off, setup, teardown),
		cmocka_unit_test_setup_teardown(test_noise, setup, teardown),
		cmocka_unit_test_setup_teardown(test_circle, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
