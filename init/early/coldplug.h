/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Modules for the devices that are there.
 */
#pragma once

#include "init/early/module.h"

/* Load what every boot needs, by name. */
void coldplug_fixed(struct module_index *ix);
/* Go through all devices of /sys and load the modules that their modaliases ask for. Loading one may
 * bring forth others: goes round until nothing new turns up. */
void coldplug_devices(struct module_index *ix);
