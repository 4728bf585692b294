/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What only the driver of a network card can say or do: its name, and waking the machine
 * (linux/ethtool.h).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "lib/attr.h"
#include "lib/error.h"

/* "" when it has none to tell. */
void driver_name(const char *link, char *ret, size_t size);
/* Whether a magic packet wakes the machine. */
bool driver_wakes(const char *link);
int driver_set_wake(const char *link, bool on, struct error *err) MUST_CHECK;
