/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cloud-init's network-config version 1: a list of typed entries with subnets.
 */
#include <string.h>

#include "agent/network/address.h"
#include "agent/network/forms.h"
#include "agent/network/option.h"
#include "agent/network/put.h"

/* Names longer than the kernel's are cut. */
static struct network_if *get(struct network *net, const struct doc_node *entry)
{
	const char *name = network_text(doc_key(entry, "name")), *cut = name;
	struct network_if *nic;

	/* Vultr leaves the names to the machine. */
	if (!name && network_text(doc_key(entry, "mac_address")))
		return network_put_eth(net, net->n, NULL, entry->origin);
	if (!name) {
		doc_say(net->p, true, entry->origin, "an interface without a name: ignored");
		return NULL;
	}
	if (strlen(name) >= NETWORK_NAME) {
		cut = doc_strdup(net->p, name, NETWORK_NAME - 1);
		doc_say(net->p, false, entry->origin, "the name %.60s is cut to %s", name,
			cut ? cut : "");
	}
	nic = cut ? network_get(net, cut, entry->origin) : NULL;
	if (nic && cut != name)
		nic->id = name;
	return nic;
}

static void put_route(struct network *net, struct network_if *nic, const struct doc_node *r)
{
	const struct doc_node *to = doc_key(r, "destination");
	struct network_route_source s = {
		.to = to ? to : doc_key(r, "network"),
		.via = doc_key(r, "gateway"),
		.metric = doc_key(r, "metric"),
		.table = doc_key(r, "table"),
		.mask = network_text(doc_key(r, "netmask")),
		.at = r->origin,
	};

	if (!s.mask)
		s.mask = network_text(doc_key(r, "prefix"));
	network_put_route(net, nic, &s);
}

/* What the type of a subnet switches on. */
static const struct {
	const char *type;
	bool dhcp, dhcp6, ra, is_static;
} types[] = {
	{ "dhcp", true, false, false, false },
	{ "dhcp4", true, false, false, false },
	{ "dhcp6", false, true, false, false },
	{ "ipv6_slaac", false, false, true, false },
	{ "ipv6_dhcpv6-stateless", false, true, true, false },
	{ "ipv6_dhcpv6-stateful", false, true, false, false },
	{ "static", false, false, false, true },
	{ "static4", false, false, false, true },
	{ "static6", false, false, false, true },
	{ "manual", false, false, false, false },
};

static void put_type(struct network *net, struct network_if *nic, const struct doc_node *subnet)
{
	const char *type = network_text(doc_key(subnet, "type"));
	size_t i = 0;

	while (type && i < ARRAY_LEN(types) && strcmp(types[i].type, type) != 0)
		i++;
	if (!type || i == ARRAY_LEN(types)) {
		doc_say(net->p, false, subnet->origin,
			"a subnet of type \"%.40s\" is not carried over", type ? type : "");
		return;
	}
	if (types[i].dhcp)
		nic->dhcp = NETWORK_YES;
	if (types[i].dhcp6)
		nic->dhcp6 = NETWORK_YES;
	if (types[i].ra && nic->accept_ra == NETWORK_FLAG_UNSET)
		nic->accept_ra = NETWORK_YES;
	if (types[i].is_static && !network_text(doc_key(subnet, "address")))
		doc_say(net->p, true, subnet->origin,
			"a static subnet without an address: ignored");
	else if (types[i].is_static)
		network_put_address(net, nic, doc_key(subnet, "address"),
				    doc_str(subnet, "netmask", doc_str(subnet, "prefix", NULL)), 0);
}

static void put_subnet(struct network *net, struct network_if *nic, const struct doc_node *subnet)
{
	static const char *const known[] = { "type",       "address", "netmask",
					     "prefix",     "gateway", "dns_nameservers",
					     "dns_search", "routes",  "metric",
					     "broadcast",  "control", "mtu",
					     "ipv4",       "ipv6",    NULL };
	const struct doc_node *routes = doc_key(subnet, "routes");
	const char *control = network_text(doc_key(subnet, "control"));

	if (!subnet || subnet->kind != DOC_MAP)
		return;
	put_type(net, nic, subnet);
	network_put_gateway(net, nic, doc_key(subnet, "gateway"));
	nic->gateway_is_old = true;
	network_put_servers(net, &nic->nameservers, doc_key(subnet, "dns_nameservers"));
	network_put_search(net, &nic->search, doc_key(subnet, "dns_search"));
	network_put_mtu(net, nic, doc_key(subnet, "mtu"));
	if (nic->dhcp == NETWORK_YES && network_text(doc_key(subnet, "metric")))
		nic->route_metric =
			network_number(net->p, doc_key(subnet, "metric"), 0, UINT32_MAX);
	if (control && strcmp(control, "auto") != 0)
		nic->optional = NETWORK_YES;
	for (size_t i = 0; routes && routes->kind == DOC_SEQ && i < routes->len; i++)
		put_route(net, nic, routes->items[i]);
	network_report_keys(net->p, subnet, known, nic->name);
}

static void put_common(struct network *net, struct network_if *nic, const struct doc_node *entry)
{
	const struct doc_node *subnets = doc_key(entry, "subnets");

	network_put_mtu(net, nic, doc_key(entry, "mtu"));
	if (doc_key(entry, "accept-ra"))
		nic->accept_ra = network_flag_of(net->p, doc_key(entry, "accept-ra"));
	if (doc_key(entry, "wakeonlan"))
		nic->wakeonlan = network_flag_of(net->p, doc_key(entry, "wakeonlan"));
	for (size_t i = 0; subnets && subnets->kind == DOC_SEQ && i < subnets->len; i++)
		put_subnet(net, nic, subnets->items[i]);
}

static void read_physical(struct network *net, const struct doc_node *entry)
{
	struct network_if *nic = get(net, entry);

	if (!nic)
		return;
	network_put_match_mac(net, nic, doc_key(entry, "mac_address"));
	if (nic->match.mac && network_text(doc_key(entry, "name")))
		nic->set_name = nic->name;
	put_common(net, nic, entry);
}

static void put_members(struct network *net, struct network_group *g, const struct doc_node *n)
{
	g->is = true;
	for (size_t i = 0; n && n->kind == DOC_SEQ && i < n->len; i++)
		if (network_text(n->items[i]))
			(void)network_add_text(net->p, &g->interfaces, n->items[i]->text);
	if (network_text(n))
		network_put_search(net, &g->interfaces, n);
}

static void read_bond(struct network *net, const struct doc_node *entry)
{
	struct network_if *nic = get(net, entry);
	const struct doc_node *params = doc_key(entry, "params");

	if (!nic)
		return;
	network_put_mac(net, nic, doc_key(entry, "mac_address"));
	put_members(net, &nic->bond, doc_key(entry, "bond_interfaces"));
	for (size_t i = 0; params && params->kind == DOC_MAP && i < params->len; i++)
		network_put_bond_option(net, nic, params->pairs[i].key, params->pairs[i].val);
	put_common(net, nic, entry);
}

/* Of a bridge's parameters some have no meaning today, and one is the MAC address. */
static void put_bridge_param(struct network *net, struct network_if *nic,
			     const struct doc_pair *param)
{
	static const char *const gone[] = { "bridge_gcint", "bridge_waitport", "bridge_maxwait",
					    "bridge_ports" };

	for (size_t i = 0; i < ARRAY_LEN(gone); i++)
		if (!strcmp(param->key, gone[i]))
			return;
	if (!strcmp(param->key, "bridge_hw"))
		network_put_mac(net, nic, param->val);
	else
		network_put_bridge_option(net, nic, param->key, param->val);
}

static void read_bridge(struct network *net, const struct doc_node *entry)
{
	struct network_if *nic = get(net, entry);
	const struct doc_node *params = doc_key(entry, "params");

	if (!nic)
		return;
	network_put_mac(net, nic, doc_key(entry, "mac_address"));
	put_members(net, &nic->bridge, doc_key(entry, "bridge_interfaces"));
	for (size_t i = 0; params && params->kind == DOC_MAP && i < params->len; i++)
		put_bridge_param(net, nic, &params->pairs[i]);
	put_common(net, nic, entry);
}

static void read_vlan(struct network *net, const struct doc_node *entry)
{
	int64_t id = network_number(net->p, doc_key(entry, "vlan_id"), 0, 4094);
	const char *link = network_text(doc_key(entry, "vlan_link"));
	struct network_if *nic;

	if (id == NETWORK_UNSET || !link) {
		doc_say(net->p, true, entry->origin, "a VLAN needs vlan_id and vlan_link: ignored");
		return;
	}
	nic = get(net, entry);
	if (!nic)
		return;
	nic->vlan.id = id;
	nic->vlan.link = link;
	network_put_mac(net, nic, doc_key(entry, "mac_address"));
	put_common(net, nic, entry);
}

static void read_nameserver(struct network *net, const struct doc_node *entry)
{
	const char *name = network_text(doc_key(entry, "interface"));
	struct network_if *nic = name ? network_get(net, name, entry->origin) : NULL;

	network_put_servers(net, nic ? &nic->nameservers : &net->nameservers,
			    doc_key(entry, "address"));
	network_put_search(net, nic ? &nic->search : &net->search, doc_key(entry, "search"));
}

static bool reaches(const struct network_if *nic, const char *gateway)
{
	for (size_t i = 0; gateway && i < nic->addresses.n; i++)
		if (network_contains(nic->addresses.item[i], gateway))
			return true;
	return false;
}

/* A route of no interface belongs to the one whose subnet its gateway is in; with DHCP alone there
 * is no telling, and the first one takes it. */
static void read_route(struct network *net, const struct doc_node *entry)
{
	const char *gateway = network_text(doc_key(entry, "gateway"));
	struct network_if *first = NULL;

	for (size_t i = 0; i < net->n; i++) {
		if (reaches(net->ifs[i], gateway)) {
			put_route(net, net->ifs[i], entry);
			return;
		}
		if (!first && (net->ifs[i]->addresses.n || net->ifs[i]->dhcp == NETWORK_YES))
			first = net->ifs[i];
	}
	if (first)
		put_route(net, first, entry);
	else
		doc_say(net->p, true, entry->origin, "no interface reaches this route: ignored");
}

/* The loopback interface is the kernel's, but name servers may stand there. */
static void read_loopback(struct network *net, const struct doc_node *entry)
{
	const struct doc_node *subnets = doc_key(entry, "subnets");

	for (size_t i = 0; subnets && subnets->kind == DOC_SEQ && i < subnets->len; i++) {
		network_put_servers(net, &net->nameservers,
				    doc_key(subnets->items[i], "dns_nameservers"));
		network_put_search(net, &net->search, doc_key(subnets->items[i], "dns_search"));
	}
}

static const struct {
	const char *type;
	void (*read)(struct network *net, const struct doc_node *entry);
} entries[] = {
	{ "physical", read_physical }, { "infiniband", read_physical },
	{ "bond", read_bond },         { "bridge", read_bridge },
	{ "vlan", read_vlan },         { "nameserver", read_nameserver },
	{ "route", read_route },       { "loopback", read_loopback },
};

static void read_entry(struct network *net, const struct doc_node *entry)
{
	const char *type = network_text(doc_key(entry, "type"));

	for (size_t i = 0; type && i < ARRAY_LEN(entries); i++) {
		if (strcmp(type, entries[i].type) != 0)
			continue;
		entries[i].read(net, entry);
		return;
	}
	doc_say(net->p, !type, entry->origin, "an entry of type \"%.40s\" is not carried over",
		type ? type : "");
}

void network_read_v1(struct network *net, const struct doc_node *doc)
{
	const struct doc_node *config = doc_key(doc, "config");

	if (!config || config->kind != DOC_SEQ) {
		doc_say(net->p, true, doc->origin, "version 1 needs a list \"config\"");
		return;
	}
	for (size_t i = 0; i < config->len; i++)
		read_entry(net, config->items[i]);
}
