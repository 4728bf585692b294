/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <unistd.h>

#include "agent/command.h"
#include "agent/config/config.h"
#include "agent/install/unattended.h"
#include "agent/state/reserve.h"
#include "agent/state/reset.h"
#include "datasource/azure_kept.h"
#include "lib/file.h"
#include "tests/unit/put.h"
#include "tests/unit/scratch.h"

extern const struct command command_reset;

static void put(int root, const char *path)
{
	put_file(root, path, "x", 1, 0644);
}

static int state_make(const struct scratch *dir)
{
	struct error err = { 0 };
	int root = -1;

	assert_ok(file_root_open(dir->path, &root, &err), &err);
	put(root, "/home/rancher/.ssh/authorized_keys");
	put(root, "/home/rancher/data");
	put(root, "/var/lib/rancher/conf/cloud-config.yml");
	put(root, "/var/lib/rancher/conf/cloud-config.d/user_config.yml");
	put(root, "/var/lib/user-docker/overlay2/l/x");
	put(root, "/lost");
	assert_int_equal(symlinkat("/etc/passwd", root, "link"), 0);
	return root;
}

static void keep(struct reset *r, const char *path)
{
	struct error err = { 0 };

	assert_ok(reset_keep(r, path, &err), &err);
}

static void test_keeps_what_is_listed(void **state)
{
	AUTO_SCRATCH struct scratch dir = scratch_make();
	AUTO_CLOSE int root = state_make(&dir);
	struct reset r = { .n = 0 };
	struct error err = { 0 };
	bool done = true;

	(void)state;
	/* Not asked for: nothing happens. */
	assert_ok(reset_apply(root, &done, &err), &err);
	assert_false(done);
	assert_true(file_exists(root, "/lost"));
	keep(&r, "/home/rancher/.ssh/");
	keep(&r, "/var/lib/rancher/conf/cloud-config.d/user_config.yml");
	assert_ok(reset_request(root, &r, &err), &err);
	assert_ok(reset_apply(root, &done, &err), &err);
	assert_true(done);
	assert_true(file_exists(root, "/home/rancher/.ssh/authorized_keys"));
	assert_true(file_exists(root, "/var/lib/rancher/conf/cloud-config.d/user_config.yml"));
	assert_false(file_exists(root, "/home/rancher/data"));
	assert_false(file_exists(root, "/var/lib/rancher/conf/cloud-config.yml"));
	assert_false(file_exists(root, "/var/lib/user-docker"));
	assert_false(file_exists(root, "/lost"));
	assert_int_equal(faccessat(root, "link", F_OK, AT_SYMLINK_NOFOLLOW), -1);
	assert_int_equal(access("/etc/passwd", F_OK), 0);
	/* Once. */
	put(root, "/new");
	assert_ok(reset_apply(root, &done, &err), &err);
	assert_false(done);
	assert_true(file_exists(root, "/new"));
}

static void test_preview(void **state)
{
	AUTO_SCRATCH struct scratch dir = scratch_make();
	AUTO_CLOSE int root = state_make(&dir);
	AUTO_BUF struct buf goes = { 0 }, kept = { 0 };
	struct reset r = { .n = 0 };
	struct error err = { 0 };

	(void)state;
	keep(&r, "/home/rancher/.ssh");
	assert_ok(reset_preview(root, &r, &goes, &kept, &err), &err);
	assert_string_equal(buf_text(&kept), "home/rancher/.ssh\n");
	assert_non_null(strstr(buf_text(&goes), "home/rancher/data\n"));
	assert_non_null(strstr(buf_text(&goes), "var\n"));
	assert_null(strstr(buf_text(&goes), ".ssh"));
	assert_true(file_exists(root, "/home/rancher/data"));
}

static void test_what_can_be_kept(void **state)
{
	static const char *const bad[] = { "home", "/home/../etc", "/usr/bin", "/tmp/x",
					   "/run/a\nb" };
	struct reset r = { .n = 0 };
	struct error err = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(reset_keep(&r, bad[i], &err), -EINVAL);
	/* A name on the machine is another one on the disk. */
	keep(&r, "/etc/motd");
	assert_string_equal(r.keep[0], "var/lib/rancher/etc/upper/motd");
	keep(&r, "/var/lib/docker");
	assert_string_equal(r.keep[1], "var/lib/user-docker");
	for (size_t i = r.n; i < RESET_KEEP; i++)
		keep(&r, "/home/a");
	assert_int_equal(reset_keep(&r, "/home/b", &err), -E2BIG);
}

/* What `ros reset OPTION` says. */
static void ask(const struct env *env, const char *option, char *said, size_t size)
{
	char name[] = "reset", dry[] = "--dry-run", word[16];
	char *argv[] = { name, dry, word, NULL };
	AUTO_CLOSE int fd = memfd_create("said", MFD_CLOEXEC), out = dup(STDOUT_FILENO);
	struct error err = { 0 };
	ssize_t n;
	int r;

	(void)snprintf(word, sizeof(word), "%s", option);
	(void)fflush(stdout);
	assert_int_equal(dup2(fd, STDOUT_FILENO), STDOUT_FILENO);
	r = command_reset.run(env, 3, argv, &err);
	(void)fflush(stdout);
	assert_int_equal(dup2(out, STDOUT_FILENO), STDOUT_FILENO);
	if (r != COMMAND_OK)
		fail_msg("%s", err.msg);
	n = pread(fd, said, size - 1, 0);
	assert_true(n > 0);
	said[n] = '\0';
}

/* A machine that was installed by nobody's hand, or that boot2docker's disk made, is the one that
 * it was after a reset, though nothing gives it its configuration again. */
static void test_keeps_what_it_was_installed_with(void **state)
{
	AUTO_SCRATCH struct scratch dir = scratch_make();
	AUTO_CLOSE int root = -1;
	struct env env = { .rootdir = dir.path };
	char said[8192], path[200];
	struct error err = { 0 };
	const char *kept;

	(void)state;
	assert_ok(file_root_open(dir.path, &root, &err), &err);
	env.root = root;
	for (size_t i = 0; i < UNATTENDED_SEEDS; i++) {
		(void)snprintf(path, sizeof(path), "/state%s", unattended_seeds[i].to);
		put(root, path);
	}
	put(root, "/state" CONFIG_MACHINE);
	put(root, "/state" AZURE_KEPT_DIR "/custom-data");
	put(root, "/state" CONFIG_OWN);
	ask(&env, "--json", said, sizeof(said));
	kept = strstr(said, "\"kept\":");
	assert_non_null(kept);
	for (size_t i = 0; i < UNATTENDED_SEEDS; i++)
		if (!strstr(kept, unattended_seeds[i].to + 1))
			fail_msg("%s is not kept: %s", unattended_seeds[i].to, said);
	assert_non_null(strstr(kept, &CONFIG_MACHINE[1]));
	assert_non_null(strstr(kept, &AZURE_KEPT_DIR[1]));
	/* What was stored since is what a reset is for. */
	assert_null(strstr(kept, &CONFIG_OWN[1]));
	ask(&env, "--all", said, sizeof(said));
	assert_non_null(strstr(said, "and kept:\n(nothing)\n"));
}

static void test_reserve(void **state)
{
	const uint64_t mib = 1 << 20;

	(void)state;
	assert_int_equal(reserve_decide(10 * mib, true), RESERVE_RELEASE);
	assert_int_equal(reserve_decide(100 * mib, true), RESERVE_LEAVE);
	assert_int_equal(reserve_decide(10 * mib, false), RESERVE_LEAVE);
	assert_int_equal(reserve_decide(4096 * mib, false), RESERVE_MAKE);
	/* Once released it is not made again before there is plenty of room. */
	assert_int_equal(reserve_decide(100 * mib, false), RESERVE_LEAVE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keeps_what_is_listed),
		cmocka_unit_test(test_preview),
		cmocka_unit_test(test_what_can_be_kept),
		cmocka_unit_test(test_keeps_what_it_was_installed_with),
		cmocka_unit_test(test_reserve),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
