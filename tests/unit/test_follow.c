/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/follow.h"

#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/scope.h"
#include "tests/unit/check.h"

static bool in(const char *text)
{
	return follow_in_text(text, "coldplug", JOURNAL_STEP_END);
}

static void only_that_kind_of_that_unit_counts(void **state)
{
	(void)state;
	assert_false(in(""));
	assert_false(in("{\"t\":1,\"kind\":\"step-begin\",\"unit\":\"coldplug\"}\n"
			"{\"t\":2,\"kind\":\"step-end\",\"unit\":\"image\"}\n"));
	assert_true(in("{\"t\":1}\n"
		       "{\"t\":2,\"kind\":\"step-end\",\"unit\":\"coldplug\",\"code\":0}"));
	assert_false(follow_in_text("{\"kind\":\"daemon-ready\",\"unit\":\"user-docker\"}\n",
				    "user-docker", JOURNAL_READY));
}

static void say(const char *unit, enum journal_kind kind)
{
	const struct journal_event ev = { .kind = kind, .unit = unit, .ms = -1 };
	struct error err = { 0 };

	assert_ok(journal_append(&ev, &err), &err);
}

static void assert_wakes(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	assert_int_equal(poll(&p, 1, 10000), 1);
}

/* In a /run of its own. The journal is longer than what is trimmed, and the line that is waited for
 * comes when another one is in its place. */
static void goes_on_with_the_journal_that_was_trimmed(void **state)
{
	struct error err = { 0 };
	AUTO_CLOSE int fd = -1;

	(void)state;
	if (unshare(CLONE_NEWNS) < 0)
		skip();
	assert_int_equal(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	assert_int_equal(mount("none", "/run", "tmpfs", 0, NULL), 0);
	assert_int_equal(mkdir("/run/ros", 0755), 0);
	for (int i = 0; i < 1200; i++)
		journal_say(JOURNAL_CONFIG, "noise", "%01000d", i);
	assert_ok(follow_open(&fd, &err), &err);
	assert_false(follow_seen(fd, "user-docker", JOURNAL_READY));
	assert_ok(journal_trim(FILE_ROOT, &err), &err);
	assert_wakes(fd);
	assert_false(follow_seen(fd, "user-docker", JOURNAL_READY));
	say("user-docker", JOURNAL_READY);
	assert_wakes(fd);
	assert_true(follow_seen(fd, "user-docker", JOURNAL_READY));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_that_kind_of_that_unit_counts),
		cmocka_unit_test(goes_on_with_the_journal_that_was_trimmed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
