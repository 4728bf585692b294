/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/state/state_disk.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "agent/state/state_wait.h"
#include "lib/file.h"
#include "tests/unit/put.h"
#include "tests/unit/scratch.h"

static const struct doc_node *config(struct doc_pool *p, const char *source, const char *text)
{
	const struct doc_node *n = NULL;
	struct error err = { 0 };

	assert_ok(doc_yaml(p, source, text, strlen(text), &n, &err), &err);
	return n;
}

static struct state_want want(struct doc_pool *p, const char *builtin, const char *kernel)
{
	struct state_want w;

	state_disk_want(doc_merge(p, config(p, "os", builtin), config(p, "kernel", kernel)), "os",
			&w);
	return w;
}

static void default_is_looked_for(void **state)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	struct error err = { 0 };
	struct state_want w;

	(void)state;
	assert_ok(doc_pool_new(&p, &err), &err);
	w = want(p, "rancher: {state: {dev: LABEL=RANCHER_STATE}}", "{}");
	assert_string_equal(w.dev, "LABEL=RANCHER_STATE");
	assert_false(w.named);
	assert_string_equal(w.fstype, "auto");
	assert_false(w.required);
}

static void what_is_named_is_waited_for(void **state)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	struct error err = { 0 };
	struct state_want w;

	(void)state;
	assert_ok(doc_pool_new(&p, &err), &err);
	w = want(
		p, "{}",
		"rancher: {state: {dev: /dev/vdb, required: true, directory: here, fstype: ext3}}");
	assert_true(w.named);
	assert_int_equal(w.wait_ms, STATE_DISK_NAMED_MS);
	assert_true(w.required);
	assert_string_equal(w.directory, "here");
	assert_string_equal(w.fstype, "ext3");
	w = want(p, "{}", "rancher: {state: {dev: LABEL=X, wait: true}}");
	assert_int_equal(w.wait_ms, STATE_DISK_WAIT_MS);
}

static void live_system_takes_only_what_is_named(void **state)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	struct error err = { 0 };

	(void)state;
	assert_ok(doc_pool_new(&p, &err), &err);
	assert_null(want(p, "{}", "rancher: {live: true}").dev);
	assert_int_equal(want(p, "{}", "rancher: {live: true}").wait_ms, 0);
	assert_string_equal(want(p, "{}", "rancher: {live: true, state: {dev: LABEL=A}}").dev,
			    "LABEL=A");
	assert_non_null(
		want(p, "{}", "rancher: {live: true, state: {autoformat: [/dev/vda]}}").dev);
	assert_null(want(p, "{}", "rancher: {state: {dev: ''}}").dev);
	/* An empty list asks for nothing. */
	assert_null(want(p, "{}", "rancher: {live: true, state: {autoformat: []}}").dev);
}

/* A disk of rancher.state.autoformat that cannot be looked at (a folder is as little to be read as
 * a drive without a medium) is no answer: the state disk is still to be waited for. It is told why
 * nothing was formatted, but not of a disk that is just not there. */
static void unusable_disk_ends_no_search(void **state)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	AUTO_FREE struct inventory *inv = calloc(1, sizeof(*inv));
	AUTO_BUF struct buf keys = { 0 };
	struct error err = { 0 };
	struct state_want w;
	struct probe disk;

	(void)state;
	assert_ok(doc_pool_new(&p, &err), &err);
	w = want(p, "{}",
		 "rancher: {state: {dev: LABEL=none-has-it, autoformat: [/dev/nothing, /proc]}}");
	w.wait_ms = 0;
	assert_int_equal(state_disk_find(&w, inv, &keys, &disk, &err), -ENODATA);
	assert_string_equal(err.msg, "no disk LABEL=none-has-it: read /proc: Is a directory");
	w = want(p, "{}",
		 "rancher: {state: {dev: LABEL=none-has-it, autoformat: [/dev/nothing]}}");
	w.wait_ms = 0;
	assert_int_equal(state_disk_find(&w, inv, &keys, &disk, &err), -ENODATA);
	assert_string_equal(err.msg, "no disk LABEL=none-has-it");
}

/* A disk that was fit, and could not be formatted, is told of, and nothing waited for. */
static void failing_format_ends_it(void **state)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	AUTO_FREE struct inventory *inv = calloc(1, sizeof(*inv));
	AUTO_CLOSE int fd = memfd_create("blank", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	AUTO_BUF struct buf keys = { 0 };
	struct error err = { 0 };
	struct state_want w;
	struct probe disk;
	char text[256];

	(void)state;
	assert_ok(doc_pool_new(&p, &err), &err);
	assert_int_equal(ftruncate(fd, 1 << 20), 0);
	/* Nobody can write to it. */
	assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), 0);
	(void)snprintf(text, sizeof(text),
		       "rancher: {state: {dev: LABEL=none-has-it, "
		       "autoformat: [/proc, /proc/%d/fd/%d]}}",
		       (int)getpid(), fd);
	w = want(p, "{}", text);
	w.wait_ms = 0;
	assert_int_equal(state_disk_find(&w, inv, &keys, &disk, &err), -EIO);
	assert_non_null(strstr(err.msg, "format "));
}

static void what_grows(void **state)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	struct error err = { 0 };

	(void)state;
	assert_ok(doc_pool_new(&p, &err), &err);
	assert_false(want(p, "{}", "{}").keep_part);
	assert_false(want(p, "{}", "{}").keep_fs);
	assert_false(want(p, "{}", "growpart: {mode: auto}").keep_part);
	assert_true(want(p, "{}", "growpart: {mode: off}").keep_part);
	assert_true(want(p, "{}", "resize_rootfs: false").keep_fs);
	assert_false(want(p, "{}", "resize_rootfs: noblock").keep_fs);
}

static void superblock_says_whether_to_check(void **state)
{
	uint8_t sb[1024] = { [56] = 0x53, [57] = 0xef, [58] = 1, [54] = 0xff, [55] = 0xff };

	(void)state;
	assert_false(state_disk_needs_check(sb));
	sb[58] = 0; /* not left clean */
	assert_true(state_disk_needs_check(sb));
	sb[58] = 3; /* clean, with errors */
	assert_true(state_disk_needs_check(sb));
	sb[58] = 1;
	sb[52] = 30, sb[54] = 20, sb[55] = 0; /* mounted 30 times, to be checked after 20 */
	assert_true(state_disk_needs_check(sb));
	sb[52] = 19;
	assert_false(state_disk_needs_check(sb));
	sb[56] = 0, sb[58] = 0; /* no ext file system */
	assert_false(state_disk_needs_check(sb));
}

static void usb_is_waited_for_until_it_was_asked(void **state)
{
	AUTO_SCRATCH struct scratch dir = scratch_make();
	AUTO_CLOSE int root = -1;
	struct error err = { 0 };

	(void)state;
	assert_false(state_wait_usb(dir.path));
	assert_ok(file_root_open(dir.path, &root, &err), &err);
	/* A disk controller with an empty port is no USB device. */
	put_file(root, "/class/scsi_host/host0/proc_name", "ahci\n", 5, 0644);
	assert_false(state_wait_usb(dir.path));
	put_file(root, "/class/scsi_host/host1/proc_name", "usb-storage\n", 12, 0644);
	assert_true(state_wait_usb(dir.path));
	put_file(root, "/class/scsi_host/host1/device/target1:0:0/uevent", "", 0, 0644);
	assert_false(state_wait_usb(dir.path));
	put_file(root, "/class/scsi_host/host12/proc_name", "uas\n", 4, 0644);
	assert_true(state_wait_usb(dir.path));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(default_is_looked_for),
		cmocka_unit_test(what_is_named_is_waited_for),
		cmocka_unit_test(live_system_takes_only_what_is_named),
		cmocka_unit_test(usb_is_waited_for_until_it_was_asked),
		cmocka_unit_test(unusable_disk_ends_no_search),
		cmocka_unit_test(failing_format_ends_it),
		cmocka_unit_test(what_grows),
		cmocka_unit_test(superblock_says_whether_to_check),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
