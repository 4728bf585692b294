/* SPDX-License-Identifier: Apache-2.0 */
/*
 * network-config versions 1 and 2 (netplan) → the form of `rancher.network`. So far: physical
 * interfaces with DHCP, addresses, gateways, MTU, name servers, and a match by MAC or name. What is
 * not carried over is a message, and the rest is. The one network model of `ros network render`
 * widens this file. Pure.
 */
#pragma once

#include "lib/doc/doc.h"

/* NULL when there is nothing usable in it. `config` may be wrapped in a key `network`. */
const struct doc_node *network_config_read(struct doc_pool *p, const struct doc_node *config);
