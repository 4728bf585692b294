/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What must be done before a state disk can be found: RAID put together, LUKS opened, LVM
 * activated, the user's script run. Each only where rancher.state asks for it, in RancherOS' order;
 * none is fatal.
 */
#pragma once

#include <stdbool.h>

#include "agent/state/inventory.h"
#include "lib/attr.h"
#include "lib/doc/doc.h"

/* Wait until all drivers are loaded: a disk that is still coming is there then. */
void state_prepare_await_drivers(void);
/* Returns whether anything was done, so that the devices are to be looked at again. */
bool state_prepare(const struct doc_node *config, struct inventory *inv);
