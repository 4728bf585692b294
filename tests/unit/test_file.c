/* SPDX-License-Identifier: Apache-2.0 */
/* Files below a root: nothing leaves it, publishing is whole or not at all, equal is left alone. */
#define _GNU_SOURCE 1
#include "tests/unit/check.h"
#include "tests/unit/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>

#include "lib/clock.h"
#include "lib/file.h"

/* The path of a name in the scratch directory, for looking past the code under test. */
static const char *outside(const struct scratch *s, const char *name)
{
	static char path[256];

	(void)snprintf(path, sizeof(path), "%s/%s", s->path, name);
	return path;
}

static struct stat stat_of(const struct scratch *s, const char *name)
{
	struct stat st = { 0 };

	if (lstat(outside(s, name), &st) < 0)
		fail_msg("lstat %s: %s", name, strerror(errno));
	return st;
}

static int root_of(const struct scratch *s)
{
	struct error err = { 0 };
	int root = -1;

	assert_ok(file_root_open(s->path, &root, &err), &err);
	return root;
}

static void assert_content(int root, const char *path, const char *want)
{
	AUTO_BUF struct buf b = { 0 };
	struct error err = { 0 };

	assert_ok(file_read(root, path, &b, &err), &err);
	assert_string_equal(buf_text(&b), want);
}

static struct file_attr mine(mode_t mode)
{
	return (struct file_attr){ .mode = mode, .uid = geteuid(), .gid = getegid() };
}

static void root_names(void **state)
{
	struct error err = { 0 };
	int root = 0;

	(void)state;
	assert_ok(file_root_open(NULL, &root, &err), &err);
	assert_int_equal(root, FILE_ROOT);
	root = 0;
	assert_ok(file_root_open("/", &root, &err), &err);
	assert_int_equal(root, FILE_ROOT);
	assert_int_equal(file_root_open("/does/not/exist", &root, &err), -ENOENT);
	assert_string_equal(err.msg, "open root /does/not/exist: No such file or directory");
	/* A relative path starts at / there, too, wherever we are. */
	assert_true(file_exists(FILE_ROOT, "proc/self/stat"));
	assert_true(file_exists(FILE_ROOT, "/proc/self/stat"));
}

/* Each of these leads to the machine's own /etc/passwd unless the root holds. */
static void nothing_leaves_the_root(void **state)
{
	static const char *const paths[] = {
		"etc/passwd", "/etc/passwd", "../../../../../etc/passwd", "abs/passwd",
		"up/etc/passwd", "direct", "/in/../../../etc/passwd",
	};
	AUTO_SCRATCH struct scratch s = scratch_make();
	AUTO_CLOSE int root = root_of(&s);
	struct error err = { 0 };

	(void)state;
	assert_int_equal(symlinkat("/etc", root, "abs"), 0);
	assert_int_equal(symlinkat("../../../../..", root, "up"), 0);
	assert_int_equal(symlinkat("/etc/passwd", root, "direct"), 0);
	assert_int_equal(mkdirat(root, "in", 0755), 0);
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		AUTO_BUF struct buf b = { 0 };

		assert_int_equal(file_read(root, paths[i], &b, &err), -ENOENT);
		assert_false(file_exists(root, paths[i]));
	}
	/* And the same links lead to the root's own files. */
	assert_ok(file_mkdir(root, "etc", 0755, &err), &err);
	assert_ok(file_append(root, "etc/passwd", "inner", 5, 0644, &err), &err);
	for (size_t i = 0; i < ARRAY_LEN(paths); i++)
		assert_content(root, paths[i], "inner");
}

static void reading_is_bounded(void **state)
{
	AUTO_SCRATCH struct scratch s = scratch_make();
	AUTO_CLOSE int root = root_of(&s);
	AUTO_FREE char *big = calloc(1, 100000);
	struct error err = { 0 };

	(void)state;
	assert_non_null(big);
	assert_ok(file_append(root, "big", big, 100000, 0600, &err), &err);
	for (size_t limit = 99999; limit <= 100001; limit++) {
		AUTO_BUF struct buf b = BUF_WITH_LIMIT(limit);
		int r = file_read(root, "big", &b, &err);

		assert_int_equal(r, limit < 100000 ? -E2BIG : 0);
		if (r == 0)
			assert_int_equal(b.len, 100000);
		else
			assert_string_equal(err.msg, "read big: more than 99999 bytes");
	}
}

static void reading_fails_with_a_name(void **state)
{
	AUTO_SCRATCH struct scratch s = scratch_make();
	AUTO_CLOSE int root = root_of(&s);
	AUTO_BUF struct buf b = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_int_equal(file_read(root, "nope", &b, &err), -ENOENT);
	assert_string_equal(err.msg, "open nope: No such file or directory");
	assert_int_equal(file_read(root, "/", &b, &err), -EISDIR);
	/* A FIFO without a writer does not make us wait. */
	assert_int_equal(mkfifo(outside(&s, "fifo"), 0600), 0);
	assert_ok(file_read(root, "fifo", &b, &err), &err);
	assert_int_equal(b.len, 0);
	/* /proc files say that they are empty and are not. */
	assert_ok(file_read(FILE_ROOT, "/proc/self/stat", &b, &err), &err);
	assert_true(b.len > 0);
}

static void parent_takes_paths_apart(void **state)
{
	static const struct {
		const char *path;
		int ret;
		const char *base;
	} cases[] = {
		{ "a", 0, "a" }, { "/a", 0, "a" }, { "d/a", 0, "a" }, { "//d//a", 0, "a" },
		{ "/", -EINVAL, NULL }, { "", -EINVAL, NULL }, { "d/", -EINVAL, NULL },
		{ "d/..", -EINVAL, NULL }, { ".", -EINVAL, NULL }, { "no/a", -ENOENT, NULL },
		{ "f/a", -ENOTDIR, NULL },
	};
	AUTO_SCRATCH struct scratch s = scratch_make();
	AUTO_CLOSE int root = root_of(&s);
	struct error err = { 0 };

	(void)state;
	assert_ok(file_mkdir(root, "d", 0755, &err), &err);
	assert_ok(file_append(root, "f", "", 0, 0644, &err), &err);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO_CLOSE int fd = -1;
		const char *base = NULL;

		assert_int_equal(file_parent(root, cases[i].path, &fd, &base, &err), cases[i].ret);
		if (cases[i].ret == 0)
			assert_string_equal(base, cases[i].base);
		else
			assert_int_equal(fd, -1);
	}
}

static void publish_makes_and_replaces(void **state)
{
	AUTO_SCRATCH struct scratch s = scratch_make();
	AUTO_CLOSE int root = root_of(&s);
	const struct file_attr attr = mine(0640);
	struct error err = { 0 };
	bool changed = false;
	struct stat st;

	(void)state;
	assert_ok(file_publish(root, "/a/b/conf", "one", 3, &attr, &changed, &err), &err);
	assert_true(changed);
	assert_content(root, "a/b/conf", "one");
	st = stat_of(&s, "a/b/conf");
	assert_int_equal(st.st_mode, S_IFREG | 0640);
	assert_int_equal(stat_of(&s, "a").st_mode & 07777, 0755);
	changed = false;
	assert_ok(file_publish(root, "a/b/conf", "two", 3, &attr, &changed, &err), &err);
	assert_true(changed);
	assert_content(root, "a/b/conf", "two");
	assert_true(stat_of(&s, "a/b/conf").st_ino != st.st_ino);
	assert_ok(file_publish(root, "a/b/conf", NULL, 0, &attr, NULL, &err), &err);
	assert_content(root, "a/b/conf", "");
}

/* What differs in any one respect is written, what differs in none is not touched. */
static void publish_writes_only_differences(void **state)
{
	static const struct {
		const char *data;
		mode_t mode;
		uid_t uid;
		gid_t gid;
		bool changed;
	} cases[] = {
		{ "text", 0644, 0, 0, false }, { "tex", 0644, 0, 0, true },
		{ "text.", 0644, 0, 0, true }, { "tExt", 0644, 0, 0, true },
		{ "text", 0600, 0, 0, true },  { "text", 04644, 0, 0, true },
		{ "text", 0644, 1, 0, true },  { "text", 0644, 0, 1, true },
	};
	AUTO_SCRATCH struct scratch s = scratch_make();
	AUTO_CLOSE int root = root_of(&s);
	struct error err = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct file_attr attr = mine(0644);
		bool changed = !cases[i].changed;
		struct stat old, now;

		if (geteuid() != 0 && (cases[i].uid || cases[i].gid))
			continue; /* only root can give files away */
		assert_ok(file_publish(root, "f", "text", 4, &attr, NULL, &err), &err);
		old = stat_of(&s, "f");
		attr.mode = cases[i].mode;
		attr.uid += cases[i].uid;
		attr.gid += cases[i].gid;
		assert_ok(file_publish(root, "f", cases[i].data, strlen(cases[i].data), &attr,
				       &changed, &err), &err);
		assert_int_equal(changed, cases[i].changed);
		now = stat_of(&s, "f");
		assert_int_equal(now.st_ino != old.st_ino, cases[i].changed);
		assert_int_equal(now.st_mode & 07777, cases[i].mode);
		assert_int_equal(now.st_uid, attr.uid);
		assert_int_equal(now.st_gid, attr.gid);
		assert_content(root, "f", cases[i].data);
	}
}

static void publish_keeps_setuid_bits_of_another_owner(void **state)
{
	const struct file_attr attr = { .mode = 06755, .uid = 12, .gid = 34 };
	AUTO_SCRATCH struct scratch s = scratch_make();
	AUTO_CLOSE int root = root_of(&s);
	struct error err = { 0 };
	struct stat st;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_ok(file_publish(root, "sudo", "x", 1, &attr, NULL, &err), &err);
	st = stat_of(&s, "sudo");
	assert_int_equal(st.st_mode & 07777, 06755);
	assert_int_equal(st.st_uid, 12);
	assert_int_equal(st.st_gid, 34);
}

static void publish_replaces_a_link(void **state)
{
	AUTO_SCRATCH struct scratch s = scratch_make();
	AUTO_CLOSE int root = root_of(&s);
	const struct file_attr attr = mine(0644);
	struct error err = { 0 };
	bool changed = false;

	(void)state;
	assert_ok(file_append(root, "target", "same", 4, 0644, &err), &err);
	assert_int_equal(symlinkat("target", root, "link"), 0);
	/* Equal content behind the link is no reason to leave the link. */
	assert_ok(file_publish(root, "link", "same", 4, &attr, &changed, &err), &err);
	assert_true(changed);
	assert_true(S_ISREG(stat_of(&s, "link").st_mode));
	assert_ok(file_publish(root, "link", "new", 3, &attr, NULL, &err), &err);
	assert_content(root, "target", "same");
	assert_content(root, "link", "new");
}

/* A failure leaves the old file and nothing else behind. */
static void publish_fails_without_a_trace(void **state)
{
	AUTO_SCRATCH struct scratch s = scratch_make();
	AUTO_CLOSE int root = root_of(&s);
	const struct file_attr attr = mine(0644);
	struct error err = { 0 };
	bool changed = false;
	struct dirent *e;
	DIR *d;

	(void)state;
	assert_ok(file_mkdir(root, "dir/busy/x", 0755, &err), &err);
	assert_int_equal(file_publish(root, "dir/busy", "x", 1, &attr, &changed, &err), -EISDIR);
	assert_string_equal(err.msg, "publish dir/busy: rename: Is a directory");
	assert_false(changed);
	d = opendir(outside(&s, "dir"));
	assert_non_null(d);
	while ((e = readdir(d)))
		assert_true(strcmp(e->d_name, "busy") == 0 ||
			    strspn(e->d_name, ".") == strlen(e->d_name));
	(void)closedir(d);
	assert_int_equal(file_publish(root, "dir/", "x", 1, &attr, NULL, &err), -EINVAL);
	assert_ok(file_append(root, "f", "x", 1, 0644, &err), &err);
	assert_int_equal(file_publish(root, "f/x", "x", 1, &attr, NULL, &err), -ENOTDIR);
}

static void publish_takes_the_longest_name(void **state)
{
	AUTO_SCRATCH struct scratch s = scratch_make();
	AUTO_CLOSE int root = root_of(&s);
	const struct file_attr attr = mine(0644);
	struct error err = { 0 };
	char name[257];

	(void)state;
	memset(name, 'n', sizeof(name));
	name[255] = '\0';
	assert_ok(file_publish(root, name, "x", 1, &attr, NULL, &err), &err);
	assert_content(root, name, "x");
	name[255] = 'n';
	name[256] = '\0';
	assert_int_equal(file_publish(root, name, "x", 1, &attr, NULL, &err), -ENAMETOOLONG);
}

static void rewrite_keeps_the_inode(void **state)
{
	static const struct {
		const char *data;
		bool changed;
	} steps[] = {
		{ "nameserver 192.0.2.1\n", true }, { "nameserver 192.0.2.1\n", false },
		{ "short\n", true }, { "", true }, { "", false }, { "longer again\n", true },
	};
	AUTO_SCRATCH struct scratch s = scratch_make();
	AUTO_CLOSE int root = root_of(&s);
	struct error err = { 0 };
	ino_t ino = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		bool changed = !steps[i].changed;

		assert_ok(file_rewrite(root, "resolv.conf", steps[i].data, strlen(steps[i].data),
				       &changed, &err), &err);
		assert_int_equal(changed, steps[i].changed);
		assert_content(root, "resolv.conf", steps[i].data);
		if (i == 0)
			ino = stat_of(&s, "resolv.conf").st_ino;
		assert_int_equal(stat_of(&s, "resolv.conf").st_ino, ino);
	}
	assert_int_equal(stat_of(&s, "resolv.conf").st_mode & 07777, 0644);
	assert_int_equal(file_rewrite(root, "no/such", "x", 1, NULL, &err), -ENOENT);
}

static void append_adds_at_the_end(void **state)
{
	AUTO_SCRATCH struct scratch s = scratch_make();
	AUTO_CLOSE int root = root_of(&s);
	mode_t umask_before = umask(077);
	struct error err = { 0 };

	(void)state;
	assert_ok(file_append(root, "log", "one\n", 4, 0664, &err), &err);
	assert_ok(file_append(root, "log", "two\n", 4, 0600, &err), &err);
	(void)umask(umask_before);
	assert_content(root, "log", "one\ntwo\n");
	/* The mode is exact when the file is made, whatever the umask, and is left alone later. */
	assert_int_equal(stat_of(&s, "log").st_mode & 07777, 0664);
	assert_int_equal(file_append(root, "no/log", "x", 1, 0600, &err), -ENOENT);
	assert_string_equal(err.msg, "open no/log: No such file or directory");
}

static void mkdir_makes_what_is_missing(void **state)
{
	AUTO_SCRATCH struct scratch s = scratch_make();
	AUTO_CLOSE int root = root_of(&s);
	mode_t umask_before = umask(077);
	struct error err = { 0 };

	(void)state;
	assert_int_equal(mkdirat(root, "old", 0711), 0);
	assert_int_equal(fchmodat(root, "old", 0711, 0), 0);
	assert_int_equal(symlinkat("/old", root, "link"), 0);
	assert_ok(file_mkdir(root, "/link/a//b/", 01777, &err), &err);
	(void)umask(umask_before);
	assert_int_equal(stat_of(&s, "old").st_mode & 07777, 0711);
	assert_int_equal(stat_of(&s, "old/a").st_mode & 07777, 0755);
	assert_int_equal(stat_of(&s, "old/a/b").st_mode & 07777, 01777);
	assert_ok(file_mkdir(root, "old/a/b", 0700, &err), &err);
	assert_int_equal(stat_of(&s, "old/a/b").st_mode & 07777, 01777);
	assert_ok(file_mkdir(root, "/", 0700, &err), &err);
	assert_ok(file_append(root, "f", "", 0, 0644, &err), &err);
	assert_int_equal(file_mkdir(root, "f", 0755, &err), -ENOTDIR);
	assert_int_equal(file_mkdir(root, "f/x", 0755, &err), -ENOTDIR);
	assert_int_equal(symlinkat("nowhere", root, "dangling"), 0);
	assert_int_equal(file_mkdir(root, "dangling/x", 0755, &err), -ENOENT);
	assert_false(file_exists(root, "nowhere"));
}

static void wait_times_out(void **state)
{
	AUTO_SCRATCH struct scratch s = scratch_make();
	int64_t start = clock_ms();
	struct error err = { 0 };
	char path[128];

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/no/such/file", s.path);
	assert_int_equal(file_wait(path, 50, &err), -ETIMEDOUT);
	assert_true(clock_ms() - start >= 50);
	assert_true(clock_ms() - start < 5000);
	assert_non_null(strstr(err.msg, "no/such/file did not appear within 50 ms"));
	assert_ok(file_wait(s.path, 0, &err), &err);
	assert_int_equal(file_wait("relative", 50, &err), -EINVAL);
}

/* Make the path step by step, slowly enough that the waiter sees each step as an event. */
static void make_slowly(const struct scratch *s)
{
	static const char *const dirs[] = { "a", "other", "a/b" };

	if (chdir(s->path) < 0)
		_exit(1);
	for (size_t i = 0; i < ARRAY_LEN(dirs); i++) {
		(void)poll(NULL, 0, 30);
		if (mkdir(dirs[i], 0755) < 0)
			_exit(1);
	}
	(void)poll(NULL, 0, 30);
	_exit(rename("other", "a/b/c") < 0);
}

static void wait_follows_new_directories(void **state)
{
	AUTO_SCRATCH struct scratch s = scratch_make();
	int64_t start = clock_ms();
	struct error err = { 0 };
	char path[128];
	int status = -1;
	pid_t pid;

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/a/b/c", s.path);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		make_slowly(&s);
	assert_ok(file_wait(path, 20000, &err), &err);
	assert_true(clock_ms() - start < 10000);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(root_names),
		cmocka_unit_test(nothing_leaves_the_root),
		cmocka_unit_test(reading_is_bounded),
		cmocka_unit_test(reading_fails_with_a_name),
		cmocka_unit_test(parent_takes_paths_apart),
		cmocka_unit_test(publish_makes_and_replaces),
		cmocka_unit_test(publish_writes_only_differences),
		cmocka_unit_test(publish_keeps_setuid_bits_of_another_owner),
		cmocka_unit_test(publish_replaces_a_link),
		cmocka_unit_test(publish_fails_without_a_trace),
		cmocka_unit_test(publish_takes_the_longest_name),
		cmocka_unit_test(rewrite_keeps_the_inode),
		cmocka_unit_test(append_adds_at_the_end),
		cmocka_unit_test(mkdir_makes_what_is_missing),
		cmocka_unit_test(wait_times_out),
		cmocka_unit_test(wait_follows_new_directories),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
