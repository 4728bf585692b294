/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OpenStack's network_data.json: links, the networks on them, services.
 */
#include <string.h>

#include "agent/network/address.h"
#include "agent/network/forms.h"
#include "agent/network/option.h"
#include "agent/network/put.h"

static const char *const physical[] = { "phy",       "vif",      "tap",     "ovs",
					"bridge",    "dvs",      "hw_veb",  "hyperv",
					"vhostuser", "ethernet", "hostdev", "hostdev_physical",
					"null",      NULL };

static bool is_one_of(const char *text, const char *const *list)
{
	for (size_t i = 0; list[i]; i++)
		if (!strcmp(list[i], text))
			return true;
	return false;
}

static void read_bond(struct network *net, struct network_if *nic, const struct doc_node *link)
{
	const struct doc_node *members = doc_key(link, "bond_links");

	nic->bond.is = true;
	for (size_t i = 0; members && members->kind == DOC_SEQ && i < members->len; i++)
		if (network_text(members->items[i]))
			(void)network_add_text(net->p, &nic->bond.interfaces,
					       members->items[i]->text);
	for (size_t i = 0; link->kind == DOC_MAP && i < link->len; i++)
		if (!strncmp(link->pairs[i].key, "bond_", 5) &&
		    strcmp(link->pairs[i].key, "bond_links") != 0)
			network_put_bond_option(net, nic, link->pairs[i].key, link->pairs[i].val);
	network_put_mac(net, nic, doc_key(link, "ethernet_mac_address"));
}

static void read_vlan(struct network *net, struct network_if *nic, const struct doc_node *link)
{
	int64_t id = network_number(net->p, doc_key(link, "vlan_id"), 0, 4094);

	nic->vlan.link = network_text(doc_key(link, "vlan_link"));
	if (id == NETWORK_UNSET || !nic->vlan.link)
		doc_say(net->p, true, link->origin, "a VLAN needs vlan_id and vlan_link: ignored");
	else
		nic->vlan.id = id;
	network_put_mac(net, nic, doc_key(link, "vlan_mac_address"));
}

/* What the kernel is to make gets a name that fits. */
static const char *link_name(struct network *net, const struct doc_node *link, const char *id,
			     bool made)
{
	const char *name = network_text(doc_key(link, "name"));

	if (!name)
		name = id;
	if (!made || strlen(name) < NETWORK_NAME)
		return name;
	doc_say(net->p, false, link->origin, "the name %.60s is cut", name);
	return doc_strdup(net->p, name, NETWORK_NAME - 1);
}

static void read_link(struct network *net, const struct doc_node *link)
{
	const char *id = network_text(doc_key(link, "id"));
	const char *type = doc_str(link, "type", "phy"), *name;
	bool bond = !strcmp(type, "bond"), vlan = !strcmp(type, "vlan");
	struct network_if *nic;

	if (!id) {
		doc_say(net->p, true, link->origin, "a link without an id: ignored");
		return;
	}
	name = link_name(net, link, id, bond || vlan);
	nic = name ? network_get(net, name, link->origin) : NULL;
	if (!nic)
		return;
	if (strcmp(name, id) != 0)
		nic->id = id;
	network_put_mtu(net, nic, doc_key(link, "mtu"));
	if (bond) {
		read_bond(net, nic, link);
	} else if (vlan) {
		read_vlan(net, nic, link);
	} else {
		if (!is_one_of(type, physical))
			doc_say(net->p, false, link->origin,
				"links of type \"%.40s\" are taken for network cards", type);
		network_put_match_mac(net, nic, doc_key(link, "ethernet_mac_address"));
	}
}

static struct network_if *find_link(const struct network *net, const char *id)
{
	for (size_t i = 0; i < net->n; i++)
		if (!strcmp(net->ifs[i]->id ? net->ifs[i]->id : net->ifs[i]->name, id))
			return net->ifs[i];
	return NULL;
}

static const struct {
	const char *type;
	bool dhcp, dhcp6, ra, is_static;
} types[] = {
	{ "ipv4", false, false, false, true },
	{ "ipv4_dhcp", true, false, false, false },
	{ "ipv6", false, false, false, true },
	{ "ipv6_dhcp", false, true, false, false },
	{ "ipv6_slaac", false, false, true, false },
	{ "ipv6_dhcpv6-stateless", false, true, true, false },
	{ "ipv6_dhcpv6-stateful", false, true, false, false },
};

static void put_type(struct network *net, struct network_if *nic, const struct doc_node *n)
{
	const char *type = doc_str(n, "type", "");
	size_t i = 0;

	while (i < ARRAY_LEN(types) && strcmp(types[i].type, type) != 0)
		i++;
	if (i == ARRAY_LEN(types)) {
		doc_say(net->p, false, n->origin, "a network of type \"%.40s\" is not carried over",
			type);
		return;
	}
	if (types[i].dhcp)
		nic->dhcp = NETWORK_YES;
	if (types[i].dhcp6)
		nic->dhcp6 = NETWORK_YES;
	if (types[i].ra)
		nic->accept_ra = NETWORK_YES;
	if (types[i].is_static)
		network_put_address(net, nic, doc_key(n, "ip_address"),
				    network_text(doc_key(n, "netmask")), 0);
}

static void put_services(struct network *net, struct network_texts *to, const struct doc_node *list)
{
	for (size_t i = 0; list && list->kind == DOC_SEQ && i < list->len; i++)
		if (!strcmp(doc_str(list->items[i], "type", ""), "dns"))
			network_put_servers(net, to, doc_key(list->items[i], "address"));
}

static void read_network(struct network *net, const struct doc_node *n)
{
	const char *link = network_text(doc_key(n, "link"));
	struct network_if *nic = link ? find_link(net, link) : NULL;
	const struct doc_node *routes = doc_key(n, "routes");

	if (!nic) {
		doc_say(net->p, true, n->origin,
			"a network on the link \"%.40s\", which is not there", link ? link : "");
		return;
	}
	put_type(net, nic, n);
	network_put_gateway(net, nic, doc_key(n, "gateway"));
	nic->gateway_is_old = true;
	for (size_t i = 0; routes && routes->kind == DOC_SEQ && i < routes->len; i++) {
		const struct doc_node *r = routes->items[i];
		struct network_route_source s = { .to = doc_key(r, "network"),
						  .via = doc_key(r, "gateway"),
						  .mask = network_text(doc_key(r, "netmask")),
						  .metric = doc_key(r, "metric"),
						  .at = r->origin };

		network_put_route(net, nic, &s);
	}
	put_services(net, &nic->nameservers, doc_key(n, "services"));
	network_put_servers(net, &nic->nameservers, doc_key(n, "dns_nameservers"));
	network_put_search(net, &nic->search, doc_key(n, "dns_search"));
}

void network_read_openstack(struct network *net, const struct doc_node *doc)
{
	const struct doc_node *links = doc_key(doc, "links"), *networks = doc_key(doc, "networks");

	for (size_t i = 0; links && links->kind == DOC_SEQ && i < links->len; i++)
		read_link(net, links->items[i]);
	for (size_t i = 0; networks && networks->kind == DOC_SEQ && i < networks->len; i++)
		read_network(net, networks->items[i]);
	put_services(net, &net->nameservers, doc_key(doc, "services"));
}
