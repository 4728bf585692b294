/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Modules for the devices that are there.
 */
#pragma once

#include "init/early/module.h"

/* Go through all devices of /sys and load the modules that their modaliases ask for, several at a
 * time (many drivers wait for their hardware); then what every boot needs, and the drivers of
 * devices that will appear below those found. Ends when all are loaded. */
void coldplug_run(struct module_index *ix);
