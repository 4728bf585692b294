/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a disk holds an installation already.
 */
#pragma once

#include <stdbool.h>

#include "installer/install.h"

/* Any of ours; with `slot` one that starts that slot. What was cut on the way is none. */
bool installed_on(const struct install_disk *d, const char *slot);
