/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What dhcpcd is told: its configuration file for the interfaces that it sees to. Pure.
 */
#pragma once

#include "agent/network/want.h"
#include "lib/buf.h"

/* dhcpcd's script: `ros` under another name (agent/cmd/cmd_dhcp_lease.c). */
#define DHCP_SCRIPT "/usr/ros/bin/dhcp-lease"

/* The file's text; empty when no interface needs dhcpcd. `index_of` gives a link's index (routes
 * get the metric 200 + index, as in RancherOS). */
void dhcp_config(struct network *net, const struct want_list *want,
		 int (*index_of)(const char *name), struct buf *out);
