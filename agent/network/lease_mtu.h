/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The MTU that a DHCP server names (option 26). dhcpcd puts it on the lease's routes alone; what
 * looks at the interface (container networks, tunnels, people) has to find it there, too.
 */
#pragma once

#include <stdbool.h>

#include "lib/attr.h"
#include "lib/error.h"

/* The number in dhcpcd's variable; 0 where there is none, or one that is no MTU for an interface
 * with IPv6. Pure. */
int lease_mtu(const char *text);
/* Give the interface this MTU. With `gone`, take it back, unless it has another one by now. */
int lease_mtu_take(const char *interface, int mtu, bool gone, struct error *err) MUST_CHECK;
