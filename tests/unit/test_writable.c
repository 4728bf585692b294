/* SPDX-License-Identifier: Apache-2.0 */
/* A read-only mount is writable for a moment, and as it was after that. */
#include "tests/unit/check.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <sys/mount.h>
#include <sys/statvfs.h>

#include "lib/scope.h"
#include "lib/writable.h"
#include "tests/unit/scratch.h"

static unsigned long flags_of(const char *path)
{
	struct statvfs st;

	assert_int_equal(statvfs(path, &st), 0);
	return st.f_flag;
}

static bool can_write(const struct scratch *s)
{
	char path[128];
	AUTO_CLOSE int fd = -1;

	(void)snprintf(path, sizeof(path), "%s/file", s->path);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0 || errno == EROFS);
	return fd >= 0;
}

static void test_writable(void **state)
{
	AUTO_SCRATCH struct scratch s = scratch_make();
	struct writable w;
	struct error err = { 0 };
	unsigned long before;

	(void)state;
	if (unshare(CLONE_NEWNS) < 0)
		skip();
	assert_int_equal(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	assert_int_equal(mount("none", s.path, "tmpfs",
			       MS_RDONLY | MS_NODEV | MS_NOSUID | MS_NOEXEC, NULL),
			 0);
	before = flags_of(s.path);
	assert_false(can_write(&s));
	assert_ok(writable_begin(s.path, &w, &err), &err);
	assert_true(can_write(&s));
	assert_int_equal(flags_of(s.path) & (ST_NODEV | ST_NOSUID | ST_NOEXEC),
			 ST_NODEV | ST_NOSUID | ST_NOEXEC);
	assert_ok(writable_end(&w, &err), &err);
	assert_int_equal(flags_of(s.path), before);
	assert_false(can_write(&s));
	/* A second end does nothing; what is writable anyway stays so. */
	assert_ok(writable_end(&w, &err), &err);
	assert_int_equal(mount(NULL, s.path, NULL, MS_REMOUNT, NULL), 0);
	assert_ok(writable_begin(s.path, &w, &err), &err);
	assert_ok(writable_end(&w, &err), &err);
	assert_true(can_write(&s));
	assert_int_equal(umount(s.path), 0);
	assert_int_equal(writable_begin("/nosuch", &w, &err), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_writable) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
