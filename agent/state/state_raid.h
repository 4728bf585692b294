/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Putting RAID arrays together before the state is looked for. One that lacks a disk is started
 * only when that disk has had its time to appear: a disk that comes late would be out of date then.
 */
#pragma once

#include "agent/state/inventory.h"

/* `inv` is looked at again. What went wrong, and which array runs without a disk, is told. */
void state_raid_assemble(struct inventory *inv);
