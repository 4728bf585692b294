/* SPDX-License-Identifier: Apache-2.0 */
/* Which boot partitions belong to one machine. */
#include "tests/unit/check.h"

#include <stdio.h>

#include "agent/state/bootparts.h"

static void add(struct inventory *inv, const char *path, const char *type, const char *label,
		const char *uuid)
{
	struct probe *p = &inv->devices[inv->n++];

	*p = (struct probe){ 0 };
	(void)snprintf(p->path, sizeof(p->path), "%s", path);
	(void)snprintf(p->type, sizeof(p->type), "%s", type);
	(void)snprintf(p->label, sizeof(p->label), "%s", label);
	(void)snprintf(p->uuid, sizeof(p->uuid), "%s", uuid);
}

static void test_mirror(void **state)
{
	static struct inventory inv;
	const struct probe *others[BOOTPARTS_MAX];

	(void)state;
	inv.n = 0;
	add(&inv, "/dev/nvme0n1p1", "vfat", "RANCHER_BOOT", "1");
	add(&inv, "/dev/nvme0n1p2", "linux_raid_member", "any:ros-state", "array");
	add(&inv, "/dev/nvme0n2p1", "vfat", "RANCHER_BOOT", "2");
	add(&inv, "/dev/nvme0n2p2", "linux_raid_member", "any:ros-state", "array");
	/* Another machine's, one without an array, something else on a mirror's disk. */
	add(&inv, "/dev/sda1", "vfat", "RANCHER_BOOT", "3");
	add(&inv, "/dev/sda2", "linux_raid_member", "any:ros-state", "other");
	add(&inv, "/dev/sdb1", "vfat", "RANCHER_BOOT", "4");
	add(&inv, "/dev/sdb2", "ext4", "RANCHER_STATE", "5");
	add(&inv, "/dev/nvme0n2p3", "vfat", "KEYS", "6");
	add(&inv, "/dev/md127", "ext4", "RANCHER_STATE", "7");
	assert_int_equal(bootparts_others(&inv, "/dev/nvme0n1p1", others), 1);
	assert_string_equal(others[0]->path, "/dev/nvme0n2p1");
	assert_int_equal(bootparts_others(&inv, "/dev/nvme0n2p1", others), 1);
	assert_string_equal(others[0]->path, "/dev/nvme0n1p1");
	assert_int_equal(bootparts_others(&inv, "/dev/sda1", others), 0);
	assert_int_equal(bootparts_others(&inv, "/dev/sdb1", others), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mirror),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
