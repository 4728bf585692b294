/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packet's (Equinix Metal's) metadata: all interfaces are bonded into bond0, addresses are on the
 * bond, private IPv4 has a route to 10.0.0.0/8.
 */
#include <string.h>

#include "agent/network/address.h"
#include "agent/network/forms.h"
#include "agent/network/option.h"
#include "agent/network/put.h"

#define BOND    "bond0"
#define PRIVATE "10.0.0.0/8"

static void put_bond_options(struct network *net, struct network_if *bond,
			     const struct doc_node *bonding)
{
	static const char *const options[][2] = {
		{ "mode", "4" },      { "miimon", "100" },
		{ "lacp_rate", "1" }, { "xmit_hash_policy", "layer3+4" },
		{ "updelay", "200" }, { "downdelay", "200" },
	};
	const struct doc_node *mode = doc_key(bonding, "mode");

	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		network_set_option(net->p, &bond->bond, options[i][0], options[i][1]);
	if (network_text(mode))
		network_put_bond_option(net, bond, "mode", mode);
}

static void read_interfaces(struct network *net, struct network_if *bond,
			    const struct doc_node *list)
{
	for (size_t i = 0; list && list->kind == DOC_SEQ && i < list->len; i++) {
		const struct doc_node *item = list->items[i];
		const char *name = network_text(doc_key(item, "name"));
		struct network_if *nic = name ? network_get(net, name, item->origin) : NULL;

		if (!nic)
			continue;
		network_put_match_mac(net, nic, doc_key(item, "mac"));
		(void)network_add_text(net->p, &bond->bond.interfaces, name);
	}
}

static void read_address(struct network *net, struct network_if *bond, const struct doc_node *a)
{
	const char *mask = network_text(doc_key(a, "cidr"));
	const struct doc_node *gateway = doc_key(a, "gateway");
	bool is_public = doc_bool(a, "public", true);
	struct network_route r = { .to = PRIVATE,
				   .via = network_text(gateway),
				   .metric = NETWORK_UNSET,
				   .table = NETWORK_UNSET,
				   .mtu = NETWORK_UNSET };

	network_put_address(net, bond, doc_key(a, "address"),
			    mask ? mask : network_text(doc_key(a, "netmask")), 0);
	if (is_public)
		network_put_gateway(net, bond, gateway);
	else if (r.via && network_is_address(r.via) && !network_is_v6(r.via))
		network_add_route(net, bond, &r);
}

void network_read_packet(struct network *net, const struct doc_node *doc)
{
	const struct doc_node *list = doc_at(doc, "network.addresses");
	struct network_if *bond = network_get(net, BOND, doc->origin);

	if (!bond)
		return;
	bond->bond.is = true;
	put_bond_options(net, bond, doc_at(doc, "network.bonding"));
	read_interfaces(net, bond, doc_at(doc, "network.interfaces"));
	for (size_t i = 0; list && list->kind == DOC_SEQ && i < list->len; i++)
		read_address(net, bond, list->items[i]);
	network_put_servers(net, &net->nameservers, doc_at(doc, "network.dns"));
}
