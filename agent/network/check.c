/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looks for contradictions.
 */
#include "agent/network/check.h"

#include <string.h>

#include "agent/network/address.h"
#include "agent/network/want.h"

#define LEVELS 8

static bool is_member(const struct network_group *g, const char *name)
{
	return g->is && network_has_text(&g->interfaces, name);
}

/* The bond or bridge that an interface belongs to, behind `after`. */
static const struct network_if *master_of(const struct network *net, const struct network_if *nic,
					  size_t *from)
{
	for (; *from < net->n; ++*from) {
		const struct network_if *m = net->ifs[*from];

		if (m != nic &&
		    (is_member(&m->bond, nic->name) || is_member(&m->bridge, nic->name)))
			return net->ifs[(*from)++];
	}
	return NULL;
}

static void check_member(struct network *net, const struct network_if *nic)
{
	size_t at = 0;
	const struct network_if *master = master_of(net, nic, &at), *second;

	if (!master)
		return;
	second = master_of(net, nic, &at);
	if (second)
		doc_say(net->p, true, nic->at, "%s belongs to %s and to %s: it can belong to one",
			nic->name, master->name, second->name);
	if (nic->addresses.n || nic->gateway || nic->gateway_ipv6 || want_is_dynamic(nic))
		doc_say(net->p, true, nic->at,
			"%s belongs to %s and has addresses of its own: give them to %s", nic->name,
			master->name, master->name);
	if (nic->mtu != NETWORK_UNSET && master->mtu != NETWORK_UNSET && nic->mtu < master->mtu)
		doc_say(net->p, true, nic->at, "the MTU of %s (%d) is smaller than that of %s (%d)",
			nic->name, (int)nic->mtu, master->name, (int)master->mtu);
}

static void check_vlan(struct network *net, const struct network_if *nic)
{
	const struct network_if *link = nic->vlan.link ? network_find(net, nic->vlan.link) : NULL;

	if (nic->vlan.id == NETWORK_UNSET)
		return;
	if (link && link->mtu != NETWORK_UNSET && nic->mtu != NETWORK_UNSET && nic->mtu > link->mtu)
		doc_say(net->p, true, nic->at, "the MTU of %s (%d) is larger than that of %s (%d)",
			nic->name, (int)nic->mtu, link->name, (int)link->mtu);
	for (int level = 0; link && level < LEVELS; level++) {
		if (link == nic) {
			doc_say(net->p, true, nic->at, "%s stands on itself", nic->name);
			return;
		}
		link = link->vlan.link ? network_find(net, link->vlan.link) : NULL;
	}
}

static void check_gateway(struct network *net, const struct network_if *nic, const char *gateway)
{
	if (!gateway || !nic->addresses.n || want_is_dynamic(nic) || !strncmp(gateway, "fe80:", 5))
		return;
	for (size_t i = 0; i < nic->addresses.n; i++)
		if (network_contains(nic->addresses.item[i], gateway))
			return;
	doc_say(net->p, false, nic->at,
		"%s: the gateway %s is in none of its networks: it is taken to be on the link",
		nic->name, gateway);
}

static void check_twice(struct network *net, size_t i)
{
	const struct network_if *a = net->ifs[i];

	for (size_t k = 0; k < i; k++) {
		const struct network_if *b = net->ifs[k];

		for (size_t n = 0; n < a->addresses.n; n++)
			if (network_has_text(&b->addresses, a->addresses.item[n]))
				doc_say(net->p, true, a->at, "%s and %s both have the address %s",
					b->name, a->name, a->addresses.item[n]);
		if (a->match.mac && b->match.mac && !strcmp(a->match.mac, b->match.mac))
			doc_say(net->p, true, a->at, "%s and %s both are the card with %s", b->name,
				a->name, a->match.mac);
	}
}

static void check_group(struct network *net, const struct network_if *nic)
{
	if (nic->bond.is && nic->bridge.is)
		doc_say(net->p, true, nic->at, "%s cannot be a bond and a bridge", nic->name);
	if (nic->bond.is && !nic->bond.interfaces.n)
		doc_say(net->p, false, nic->at, "the bond %s has no members", nic->name);
	if (nic->bond.is && !network_option(&nic->bond, "miimon") &&
	    !network_option(&nic->bond, "arp_interval"))
		doc_say(net->p, false, nic->at,
			"the bond %s has neither miimon nor arp_interval: a dead link is not seen",
			nic->name);
}

void network_check(struct network *net)
{
	for (size_t i = 0; i < net->n; i++) {
		const struct network_if *nic = net->ifs[i];

		check_member(net, nic);
		check_vlan(net, nic);
		check_gateway(net, nic, nic->gateway);
		check_gateway(net, nic, nic->gateway_ipv6);
		check_group(net, nic);
		check_twice(net, i);
	}
}
