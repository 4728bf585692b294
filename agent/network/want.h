/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The model on this machine: which link each interface of it means here, what has to be made, and
 * what belongs to what. Pure.
 */
#pragma once

#include "agent/network/model.h"
#include "agent/network/state.h"

#define WANT_MAX 512

struct want {
	const struct network_if *nic;
	const struct state_link *link; /* NULL: it is not there yet */
	char name[NETWORK_NAME];       /* that it has in the end */
	const char *kind;              /* "bond", "bridge", "vlan": it is made; "" */
	char master[NETWORK_NAME];     /* "" for none */
	char lower[NETWORK_NAME];      /* of a VLAN */
	char twin[NETWORK_NAME];       /* another link with the address that it is known by; "" */
	bool dynamic;                  /* dhcpcd sees to it */
};

struct want_list {
	struct want w[WANT_MAX]; /* each behind those that it stands on */
	size_t n;
};

/* A model without interfaces gets DHCP on eth*, as RancherOS did. */
void want_resolve(struct network *net, const struct state *s, struct want_list *ret);
/* An interface of the model that is nowhere on the machine is a warning, as is one that is there
 * twice. */
void want_report(struct network *net, const struct want_list *l);
const struct want *want_find(const struct want_list *l, const char *name);
/* The one whose link has this index; NULL for none. */
const struct want *want_at(const struct want_list *l, const struct state *s, int index);
/* dhcpcd sees to this interface: a lease, advertisements, or an address of its own making. */
bool want_is_dynamic(const struct network_if *nic);
