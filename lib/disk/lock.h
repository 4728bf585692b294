/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lock that udev respects: while somebody holds it on a whole disk, udev neither looks at the
 * disk nor has the kernel read its table again, which takes all partitions away for a moment.
 */
#pragma once

#include "lib/attr.h"
#include "lib/error.h"

/* Lock a disk until *ret is closed; its writers keep their own descriptors. Whoever has the lock is
 * waited for, up to ten seconds; -EBUSY then. */
int disk_lock(const char *path, int *ret, struct error *err) MUST_CHECK;
