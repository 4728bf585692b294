/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of options, and what each does. Lines have no quotes; a command goes to the end of its
 * line, and one that adds a route is a route.
 */
#include "agent/network/eni_option.h"

#include <stdio.h>
#include <string.h>

#include "agent/network/option.h"
#include "agent/network/put.h"

static struct doc_node node_of(const struct eni_reader *r, const char *text)
{
	return (struct doc_node){
		.kind = DOC_STR, .origin = r->at, .text = text, .len = strlen(text)
	};
}

typedef void option_fn(struct eni_reader *r, const struct doc_node *value);

static void put_address(struct eni_reader *r, const struct doc_node *value)
{
	r->address = *value;
}

static void put_mask(struct eni_reader *r, const struct doc_node *value)
{
	r->address_mask = value->text;
}

static void put_gateway(struct eni_reader *r, const struct doc_node *value)
{
	if (strcmp(value->text, "none") != 0)
		network_put_gateway(r->net, r->nic, value);
}

static void put_mtu(struct eni_reader *r, const struct doc_node *value)
{
	network_put_mtu(r->net, r->nic, value);
}

static void put_mac(struct eni_reader *r, const struct doc_node *value)
{
	struct doc_node n = *value;

	if (!strncmp(n.text, "ether ", 6)) {
		n.text += 6;
		n.len -= 6;
	}
	network_put_mac(r->net, r->nic, &n);
}

static void put_servers(struct eni_reader *r, const struct doc_node *value)
{
	network_put_servers(r->net, &r->nic->nameservers, value);
}

static void put_search(struct eni_reader *r, const struct doc_node *value)
{
	network_put_search(r->net, &r->nic->search, value);
}

static void put_metric(struct eni_reader *r, const struct doc_node *value)
{
	r->nic->route_metric = network_number(r->net->p, value, 0, UINT32_MAX);
}

static void put_ra(struct eni_reader *r, const struct doc_node *value)
{
	r->nic->accept_ra = strcmp(value->text, "0") ? NETWORK_YES : NETWORK_NO;
}

static void put_autoconf(struct eni_reader *r, const struct doc_node *value)
{
	r->nic->accept_ra = network_flag_of(r->net->p, value);
}

static void put_privacy(struct eni_reader *r, const struct doc_node *value)
{
	r->nic->privacy = strcmp(value->text, "0") ? NETWORK_YES : NETWORK_NO;
}

static void put_dhcp6(struct eni_reader *r, const struct doc_node *value)
{
	r->nic->dhcp6 = network_flag_of(r->net->p, value);
}

static void put_hostname(struct eni_reader *r, const struct doc_node *value)
{
	r->nic->dhcp_hostname = value->text;
}

static void put_members(struct eni_reader *r, struct network_group *g, const struct doc_node *value)
{
	g->is = true;
	if (strcmp(value->text, "none") != 0)
		network_put_search(r->net, &g->interfaces, value);
}

static void put_bond_slaves(struct eni_reader *r, const struct doc_node *value)
{
	put_members(r, &r->nic->bond, value);
}

static void put_bridge_ports(struct eni_reader *r, const struct doc_node *value)
{
	put_members(r, &r->nic->bridge, value);
}

static void put_bond_master(struct eni_reader *r, const struct doc_node *value)
{
	struct network_if *bond = network_get(r->net, value->text, r->at);

	if (!bond)
		return;
	bond->bond.is = true;
	(void)network_add_text(r->net->p, &bond->bond.interfaces, r->nic->name);
}

static void put_vlan_link(struct eni_reader *r, const struct doc_node *value)
{
	r->nic->vlan.link = value->text;
}

static void put_vlan_id(struct eni_reader *r, const struct doc_node *value)
{
	r->nic->vlan.id = network_number(r->net->p, value, 0, 4094);
}

static void put_wol(struct eni_reader *r, const struct doc_node *value)
{
	r->nic->wakeonlan = !strcmp(value->text, "g") ? NETWORK_YES : NETWORK_NO;
}

static void put_nothing(struct eni_reader *r, const struct doc_node *value)
{
	(void)r, (void)value;
}

/* What a command of iproute2 or net-tools is about, behind "route add"; NULL when it is another. */
static const char *route_words(const char *command)
{
	static const char *const starts[] = { "ip route add ", "ip -6 route add ", "route add ",
					      "ip -4 route add ", "/sbin/ip route add " };

	for (size_t i = 0; i < ARRAY_LEN(starts); i++)
		if (!strncmp(command, starts[i], strlen(starts[i])))
			return command + strlen(starts[i]);
	return NULL;
}

size_t eni_option_split(char *text, char **word, size_t max)
{
	char *save = NULL;
	size_t n = 0;

	for (char *w = strtok_r(text, " \t", &save); w && n < max; w = strtok_r(NULL, " \t", &save))
		word[n++] = w;
	return n;
}

/* "… add -net 10.8.0.0 netmask 255.255.0.0 gw 10.0.0.8 || true" is a route, no command. */
static bool route_of(struct eni_reader *r, const char *command)
{
	enum { VIA, GW, MASK, METRIC, TABLE, DEV, N };
	static const char *const keys[N] = { "via", "gw", "netmask", "metric", "table", "dev" };
	const char *text = route_words(command);
	struct doc_node node[N] = { 0 }, to = { 0 };
	struct network_route_source s = { .at = r->at };
	char copy[ENI_LINE_MAX], *word[ENI_WORDS];
	size_t n, end;

	if (!text)
		return false;
	end = strlen(text);
	if (end > 7 && !strcmp(text + end - 7, "|| true"))
		end -= 7;
	(void)snprintf(copy, sizeof(copy), "%.*s", (int)end, text);
	if (strpbrk(copy, "|;&$<>"))
		return false;
	n = eni_option_split(copy, word, ENI_WORDS);
	for (size_t i = 0; i < n; i++) {
		int k = 0;

		while (k < N && strcmp(word[i], keys[k]) != 0)
			k++;
		if (k < N && ++i < n)
			node[k] = node_of(r, doc_strdup(r->net->p, word[i], strlen(word[i])) ?: "");
		else if (k == N && word[i][0] != '-')
			to = node_of(r, doc_strdup(r->net->p, word[i], strlen(word[i])) ?: "");
	}
	s.to = &to;
	s.via = node[VIA].text ? &node[VIA] : &node[GW];
	s.mask = node[MASK].text;
	s.metric = &node[METRIC];
	s.table = &node[TABLE];
	if (to.text)
		network_put_route(r->net, r->nic, &s);
	return to.text != NULL;
}

static void put_command(struct eni_reader *r, struct network_texts *to,
			const struct doc_node *value)
{
	if (route_of(r, value->text))
		return;
	if (strpbrk(value->text, "|;&$<>`"))
		doc_say(r->net->p, false, r->at,
			"commands here run without a shell: check \"%.60s\"", value->text);
	(void)network_add_text(r->net->p, to, value->text);
}

static void put_pre_up(struct eni_reader *r, const struct doc_node *value)
{
	put_command(r, &r->nic->pre_up, value);
}

static void put_post_up(struct eni_reader *r, const struct doc_node *value)
{
	put_command(r, &r->nic->post_up, value);
}

static const struct {
	const char *name; /* "-" stands for "_", too */
	option_fn *put;
} options[] = {
	{ "address", put_address },
	{ "netmask", put_mask },
	{ "gateway", put_gateway },
	{ "mtu", put_mtu },
	{ "hwaddress", put_mac },
	{ "dns-nameservers", put_servers },
	{ "dns-nameserver", put_servers },
	{ "dns-search", put_search },
	{ "dns-domain", put_search },
	{ "metric", put_metric },
	{ "accept-ra", put_ra },
	{ "autoconf", put_autoconf },
	{ "privext", put_privacy },
	{ "dhcp", put_dhcp6 },
	{ "hostname", put_hostname },
	{ "bond-slaves", put_bond_slaves },
	{ "bond-master", put_bond_master },
	{ "bridge-ports", put_bridge_ports },
	{ "bridge-hw", put_mac },
	{ "vlan-raw-device", put_vlan_link },
	{ "vlan-id", put_vlan_id },
	{ "ethernet-wol", put_wol },
	{ "pre-up", put_pre_up },
	{ "up", put_post_up },
	{ "post-up", put_post_up },
	/* what the kernel works out by itself, and what runs when an interface goes away */
	{ "broadcast", put_nothing },
	{ "network", put_nothing },
	{ "scope", put_nothing },
	{ "down", put_nothing },
	{ "pre-down", put_nothing },
	{ "post-down", put_nothing },
	{ "bridge-waitport", put_nothing },
	{ "bridge-maxwait", put_nothing },
	{ "bridge-gcint", put_nothing },
};

static bool same_name(const char *a, const char *b)
{
	for (; *a && *b; a++, b++)
		if (*a != *b && !(*a == '_' && *b == '-'))
			return false;
	return *a == *b;
}

void eni_option_put(struct eni_reader *r, const char *name, const char *value)
{
	struct doc_node n = node_of(r, value);

	for (size_t i = 0; i < ARRAY_LEN(options); i++) {
		if (!same_name(name, options[i].name))
			continue;
		if (*value)
			options[i].put(r, &n);
		return;
	}
	if (!strncmp(name, "bond", 4))
		network_put_bond_option(r->net, r->nic, name, &n);
	else if (!strncmp(name, "bridge", 6))
		network_put_bridge_option(r->net, r->nic, name, &n);
	else
		doc_say(r->net->p, false, r->at, "\"%.40s\" is not carried over", name);
}
