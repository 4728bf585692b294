/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys of form_own.c that make an interface a bond, a bridge or a VLAN, or put it into one:
 * "bond", "bond_opts", "bridge", "vlan" and "vlans", in all ways to write them. Pure.
 */
#pragma once

#include "agent/network/model.h"

/* Put these keys of the interface's map `n`, but "vlans", into the model. What is wrong is a
 * message and is left out. */
void own_kind_put(struct network *net, struct network_if *nic, const struct doc_node *n);
/* "vlans": interfaces on top of `nic`. An ID that has an interface already (by its name) takes that
 * one, so this comes when all have been read. */
void own_kind_put_vlans(struct network *net, struct network_if *nic, const struct doc_node *n);
