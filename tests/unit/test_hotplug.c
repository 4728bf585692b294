/* SPDX-License-Identifier: Apache-2.0 */
#include "init/early/hotplug.h"
#include "tests/unit/check.h"

static void strings_are_taken(void **state)
{
	static const char text[] =
		"add@/devices/x\0ACTION=add\0DEVPATH=/devices/x\0SUBSYSTEM=block\0"
		"DEVNAME=vda1\0MODALIAS=virtio:d2v1";
	struct hotplug_event ev;

	(void)state;
	hotplug_parse(&ev, text, sizeof(text));
	assert_string_equal(ev.action, "add");
	assert_string_equal(ev.subsystem, "block");
	assert_string_equal(ev.devname, "vda1");
	assert_string_equal(ev.modalias, "virtio:d2v1");
}

static void cut_messages_are_safe(void **state)
{
	static const char text[] = "ACTION=add\0SUBSYSTEM=blo";
	struct hotplug_event ev;

	(void)state;
	hotplug_parse(&ev, text, sizeof(text) - 1);
	assert_string_equal(ev.action, "add");
	assert_string_equal(ev.subsystem, "");
	hotplug_parse(&ev, text, 0);
	assert_string_equal(ev.action, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings_are_taken),
		cmocka_unit_test(cut_messages_are_safe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
