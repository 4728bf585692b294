/* SPDX-License-Identifier: Apache-2.0 */
/* Which USB devices are waited for: storage with a driver and no block device, and nothing else. */
#include "tests/unit/medium.h"

#include "datasource/settle.h"
#include "lib/clock.h"

#define USB "sys/bus/usb/devices"
/* As in sysfs the devices' own directories are elsewhere. */
#define STICK                                                                        \
	"mkdir -p sys/devices/1-1/1-1:1.0 " USB " sys/bus/usb/drivers/usb-storage; " \
	"ln -sfn ../../../devices/1-1/1-1:1.0 " USB "/1-1:1.0; echo 08 >" USB        \
	"/1-1:1.0/bInterfaceClass; "

static void test_pending(void **state)
{
	struct medium *f = *state;

	assert_false(settle_is_pending(f->root));
	medium_make(f, STICK);
	assert_false(settle_is_pending(f->root));
	medium_make(f, "ln -s ../../../bus/usb/drivers/usb-storage " USB "/1-1:1.0/driver");
	assert_true(settle_is_pending(f->root));
	medium_make(f, "mkdir -p " USB "/1-1:1.0/host2/target2:0:0/2:0:0:0");
	assert_true(settle_is_pending(f->root));
	medium_make(f, "mkdir -p " USB "/1-1:1.0/host2/target2:0:0/2:0:0:0/block/sda");
	assert_false(settle_is_pending(f->root));
	/* A keyboard is no storage. */
	medium_make(f, "cd sys/devices; mkdir 1-2; cp -r 1-1/1-1:1.0 1-2/1-2:1.0; cd $1; "
		       "cd sys/devices/1-2/1-2:1.0; rm -r host2; echo 03 >bInterfaceClass; cd $1; "
		       "ln -s ../../../devices/1-2/1-2:1.0 " USB "/1-2:1.0");
	assert_false(settle_is_pending(f->root));
	medium_make(f, "echo 08 >" USB "/1-2:1.0/bInterfaceClass");
	assert_true(settle_is_pending(f->root));
}

static void test_wait(void **state)
{
	struct medium *f = *state;
	int64_t start = clock_ms();

	settle_wait(f->root, 5000);
	assert_true(clock_ms() - start < 4000);
	medium_make(f, STICK "ln -s ../../../bus/usb/drivers/usb-storage " USB "/1-1:1.0/driver");
	start = clock_ms();
	settle_wait(f->root, 300);
	assert_true(clock_ms() - start >= 290);
}

int main(void)
{
	const struct CMUnitTest tests[] = { MEDIUM_TEST(test_pending), MEDIUM_TEST(test_wait) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
