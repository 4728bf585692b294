/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/status/history.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "lib/file.h"
#include "lib/journal.h"
#include "lib/scope.h"
#include "tests/unit/check.h"
#include "tests/unit/scratch.h"

static void write_file(int root, const char *path, const char *text)
{
	const struct file_attr attr = { .mode = 0644, .uid = geteuid(), .gid = getegid() };
	struct error err = { 0 };

	assert_ok(file_publish(root, path, text, strlen(text), &attr, NULL, &err), &err);
}

static void boot(int root, int number)
{
	char line[64];

	snprintf(line, sizeof(line), "{\"boot\":%d}\n{\"more\":1}\n", number);
	write_file(root, JOURNAL_PATH, line);
}

static void numbers_are_whole_names(void **state)
{
	(void)state;
	assert_int_equal(history_number("12"), 12);
	assert_int_equal(history_number("012"), 0);
	assert_int_equal(history_number("12.panic"), 0);
	assert_int_equal(history_number(""), 0);
	assert_int_equal(history_number("99999999999999999999"), 0);
	assert_int_equal(history_number("-1"), 0);
}

static void last_ten_are_kept(void **state)
{
	AUTO_SCRATCH struct scratch s = scratch_make();
	AUTO_CLOSE int root = open(s.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct error err = { 0 };

	(void)state;
	for (int i = 1; i <= 13; i++) {
		boot(root, i);
		assert_ok(history_save(root, &err), &err);
		/* The same boot again takes no new number. */
		assert_ok(history_save(root, &err), &err);
		if (i == 2)
			write_file(root, HISTORY_DIR "/2.panic", "oh");
	}
	assert_true(file_exists(root, HISTORY_DIR "/13"));
	assert_true(file_exists(root, HISTORY_DIR "/4"));
	assert_false(file_exists(root, HISTORY_DIR "/3"));
	assert_false(file_exists(root, HISTORY_DIR "/2.panic"));
	assert_false(file_exists(root, HISTORY_DIR "/14"));
}

static void previous_is_not_this_one(void **state)
{
	AUTO_SCRATCH struct scratch s = scratch_make();
	AUTO_CLOSE int root = open(s.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	AUTO_BUF struct buf journal = { 0 };
	AUTO_BUF struct buf panic = { 0 };
	char reason[HISTORY_REASON];
	struct error err = { 0 };

	(void)state;
	assert_int_equal(history_previous(root, &journal, &panic, &err), -ENODATA);
	boot(root, 1);
	assert_ok(history_save(root, &err), &err);
	assert_int_equal(history_previous(root, &journal, &panic, &err), -ENODATA);
	write_file(root, "/sys/fs/pstore/dmesg-ramoops-0", "Kernel panic - not syncing: test\n");
	write_file(root, "/sys/fs/pstore/console-ramoops-0", "not this");
	boot(root, 2);
	assert_ok(history_save(root, &err), &err);
	/* What the firmware kept belongs to boot 1, the one before this. */
	assert_ok(history_save_panic(root, reason, &err), &err);
	assert_string_equal(reason, "test");
	assert_false(file_exists(root, "/sys/fs/pstore/dmesg-ramoops-0"));
	/* Nothing is there a second time. */
	assert_ok(history_save_panic(root, reason, &err), &err);
	assert_string_equal(reason, "");
	assert_ok(history_previous(root, &journal, &panic, &err), &err);
	assert_non_null(strstr(buf_text(&journal), "{\"boot\":1}"));
	assert_non_null(strstr(buf_text(&panic), "Kernel panic"));
	assert_null(strstr(buf_text(&panic), "not this"));
}

/* A boot of weeks, whose journal is trimmed again and again: it is kept, and known again. */
static void long_boot_is_kept(void **state)
{
	AUTO_SCRATCH struct scratch s = scratch_make();
	AUTO_CLOSE int root = open(s.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	AUTO_BUF struct buf more = { 0 };
	AUTO_BUF struct buf kept = { 0 };
	AUTO_BUF struct buf panic = { 0 };
	struct error err = { 0 };

	(void)state;
	for (int i = 0; more.len < 900 << 10; i++)
		buf_fmt(&more, "{\"t\":%d,\"kind\":\"config\",\"unit\":\"cron\",\"code\":0}\n", i);
	boot(root, 1);
	for (int i = 0; i < 6; i++) {
		assert_ok(file_append(root, JOURNAL_PATH, more.data, more.len, 0644, &err), &err);
		assert_ok(journal_trim(root, &err), &err);
		assert_ok(history_save(root, &err), &err);
	}
	assert_false(file_exists(root, HISTORY_DIR "/2"));
	boot(root, 2);
	assert_ok(history_previous(root, &kept, &panic, &err), &err);
	assert_true(kept.len > 500 << 10);
	assert_non_null(strstr(buf_text(&kept), "{\"boot\":1}\n{\"more\":1}\n"));
}

static void record_of_a_stop_is_taken_once(void **state)
{
	AUTO_SCRATCH struct scratch s = scratch_make();
	AUTO_CLOSE int root = open(s.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	AUTO_BUF struct buf text = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_ok(history_take_last_stop(root, &err), &err);
	assert_false(file_exists(root, HISTORY_LAST_STOP));
	write_file(root, HISTORY_SHUTDOWN, "reboot by me\n");
	assert_ok(history_take_last_stop(root, &err), &err);
	assert_false(file_exists(root, HISTORY_SHUTDOWN));
	assert_ok(file_read(root, HISTORY_LAST_STOP, &text, &err), &err);
	assert_string_equal(buf_text(&text), "reboot by me\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_whole_names),
		cmocka_unit_test(last_ten_are_kept),
		cmocka_unit_test(previous_is_not_this_one),
		cmocka_unit_test(long_boot_is_kept),
		cmocka_unit_test(record_of_a_stop_is_taken_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
