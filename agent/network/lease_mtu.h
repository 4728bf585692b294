/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The MTU that a DHCP server names (option 26). dhcpcd puts it on the lease's routes alone; what
 * looks at the interface (container networks, tunnels, people) has to find it there, too. It stays
 * when the lease is gone: a card may lose its carrier with every change, and with that its lease.
 */
#pragma once

#include "lib/attr.h"
#include "lib/error.h"

/* The number in dhcpcd's variable; 0 where there is none, or one that is no MTU for an interface
 * with IPv6. Pure. */
int lease_mtu(const char *text);
/* Give the interface this MTU, if it has another one. */
int lease_mtu_take(const char *interface, int mtu, struct error *err) MUST_CHECK;
