/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/message.h"

#include <fcntl.h>

#include "lib/file.h"
#include "lib/scope.h"
#include "tests/unit/check.h"
#include "tests/unit/scratch.h"

static void each_message_is_one_line_and_there_once(void **state)
{
	AUTO_SCRATCH struct scratch s = scratch_make();
	AUTO_CLOSE int root = open(s.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	AUTO_BUF struct buf text = { 0 };
	AUTO_BUF struct buf journal = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_ok(file_mkdir(root, "/run/ros", 0755, &err), &err);
	message_root(root);
	journal_root(root);
	message_say(JOURNAL_WARNING, "unit", "one\ntwo %d", 3);
	message_say(JOURNAL_WARNING, "unit", "one\ntwo %d", 3);
	message_say(JOURNAL_FAIL, "unit", "two 3");
	message_root(FILE_ROOT);
	journal_root(FILE_ROOT);
	assert_ok(file_read(root, MESSAGE_PATH, &text, &err), &err);
	assert_string_equal(buf_text(&text), "one two 3\ntwo 3\n");
	assert_ok(file_read(root, JOURNAL_PATH, &journal, &err), &err);
	assert_non_null(strstr(buf_text(&journal), "\"kind\":\"fail\""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_message_is_one_line_and_there_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
