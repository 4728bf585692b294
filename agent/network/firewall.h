/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rancher.network.firewall and block_metadata as one table of nftables (nft(8)), "inet
 * ros_network", whose chains run before all others' and never decide for them: what passes here is
 * still subject to Docker's rules and anybody's.
 *
 *   policy: accept | drop | reject          what becomes of what no rule names (default accept)
 *   rules: [{action, interface, source, protocol, port}]    in order, the first that fits counts
 *   deny, allow: the same without `action`, or "22", "53/udp"; behind `rules`, deny first
 *
 * Replies, the loopback interface, neighbour discovery, ping and DHCP's answers always pass.
 */
#pragma once

#include <stdbool.h>

#include "lib/attr.h"
#include "lib/doc/doc.h"
#include "lib/error.h"

/* The commands for `nft -f -`, which replace the table at once. Pure; a rule that is malformed is a
 * message (an error) and is left out. */
void firewall_text(struct doc_pool *p, const struct doc_node *firewall, bool block_metadata,
		   struct buf *out);
/* Put it in force. Without a firewall the table is removed if it was there, and nothing is run if
 * it was not. */
int firewall_apply(struct doc_pool *p, const struct doc_node *firewall, bool block_metadata,
		   struct error *err) MUST_CHECK;
