/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Leases that are not wanted any more.
 */
#pragma once

/* The lease goes back to its server, and what it said is forgotten. */
void network_release(int root, const char *name);
