/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Options of bonds and bridges: how netplan, ifupdown, OpenStack and RancherOS name them, and how
 * the kernel does (the files of /sys/class/net/X/bonding and …/bridge). Pure.
 */
#pragma once

#include "agent/network/model.h"

/* Put an option into the group by its kernel name and in the kernel's unit; a message when there is
 * no such option or the value is none. Prefixes ("bond-", "bridge_") are known. */
void network_put_bond_option(struct network *net, struct network_if *nic, const char *name,
			     const struct doc_node *value);
void network_put_bridge_option(struct network *net, struct network_if *nic, const char *name,
			       const struct doc_node *value);
/* The same of names and units that are the kernel's already. */
void network_put_bridge_own(struct network *net, struct network_if *nic, const char *name,
			    const struct doc_node *value);
/* The number of a bond mode that the kernel takes by name or number; -1 for none. */
int network_bond_mode(const char *text);
