/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rancher.network → what dhcpcd is told. So far an interface has DHCP, or one IPv4 and one IPv6
 * address; bonds, bridges, VLANs, routes and the rest come with the network service's own model.
 */
#pragma once

#include "lib/doc/doc.h"

/* {"allow": [names], "deny": [names], "dhcp_timeout", "interfaces": [{"name", "dhcp", "address",
 * "address6", "gateway", "mtu", "no_dhcp6", "no_ra"}]} */
const struct doc_node *view_network(int root, struct doc_pool *p, const struct doc_node *config);
/* {"nameservers", "search"} of the machine and of all interfaces; NULL when there are none. */
const struct doc_node *view_network_dns(struct doc_pool *p, const struct doc_node *config);
