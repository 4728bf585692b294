/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/state/uevent.h"

#include <errno.h>

#include "lib/clock.h"
#include "lib/scope.h"
#include "tests/unit/check.h"

#define IS(text) uevent_is_block(text, sizeof(text) - 1)

static void only_block_devices_that_came_count(void **state)
{
	(void)state;
	assert_true(IS("add@/devices/x\0ACTION=add\0DEVNAME=vdb\0SUBSYSTEM=block\0"));
	assert_true(IS("change@/x\0SUBSYSTEM=block\0ACTION=change"));
	assert_false(IS("remove@/x\0ACTION=remove\0SUBSYSTEM=block\0"));
	assert_false(IS("add@/x\0ACTION=add\0SUBSYSTEM=net\0"));
	assert_false(IS("add@/x\0ACTION=addition\0SUBSYSTEM=blocks\0"));
	assert_false(IS(""));
}

static void what_came_names_its_driver(void **state)
{
	static const char came[] = "add@/x\0ACTION=add\0MODALIAS=virtio:d2v1\0SEQNUM=1";
	static const char went[] = "remove@/x\0ACTION=remove\0MODALIAS=virtio:d2v1";
	static const char bare[] = "add@/x\0ACTION=add\0XMODALIAS=x";

	(void)state;
	assert_string_equal(uevent_modalias(came, sizeof(came) - 1), "virtio:d2v1");
	assert_null(uevent_modalias(went, sizeof(went) - 1));
	assert_null(uevent_modalias(bare, sizeof(bare) - 1));
	assert_null(uevent_modalias("", 0));
}

static void waiting_ends_at_the_deadline(void **state)
{
	AUTO_CLOSE int fd = -1;
	struct error err = { 0 };
	int64_t begin = clock_ms();

	(void)state;
	assert_ok(uevent_open(&fd, &err), &err);
	assert_int_equal(uevent_wait_block(fd, -1, false, begin + 30, &err), -ETIMEDOUT);
	assert_true(clock_ms() - begin >= 30);
}

static void another_descriptor_ends_the_wait(void **state)
{
	AUTO_CLOSE int fd = -1;
	struct error err = { 0 };
	int ends[2];

	(void)state;
	assert_ok(uevent_open(&fd, &err), &err);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "x", 1), 1);
	assert_ok(uevent_wait_block(fd, ends[0], false, clock_ms() + 10000, &err), &err);
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_block_devices_that_came_count),
		cmocka_unit_test(what_came_names_its_driver),
		cmocka_unit_test(waiting_ends_at_the_deadline),
		cmocka_unit_test(another_descriptor_ends_the_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
