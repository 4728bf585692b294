/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Leases that are not wanted any more.
 */
#pragma once

#include <stdbool.h>

/* The lease goes back to its server with its address, and what it said is forgotten. `keeps`: the
 * address is the configuration's now and stays where it is; the server goes on thinking it ours. */
void network_release(int root, const char *name, bool keeps);
