/* SPDX-License-Identifier: Apache-2.0 */
/*
 * USB sticks and drives that are plugged in but have no block device yet: the kernel looks at them
 * a second or more after it found them, and a seed on one would be missed. A machine without such a
 * thing waits for nothing.
 */
#pragma once

#include <stdbool.h>

/* Whether a USB storage interface has its driver, and no block device. */
bool settle_is_pending(int root);
/* Wait until none is pending, by the kernel's announcements of block devices; at most timeout_ms.
 */
void settle_wait(int root, int timeout_ms);
