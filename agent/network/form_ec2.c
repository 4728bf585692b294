/* SPDX-License-Identifier: Apache-2.0 */
/*
 * EC2's meta-data/network/interfaces/macs/, as a tree or as JSON: DHCP on each NIC,
 * addresses beyond the first as static ones, and for each NIC beyond the first a routing table of
 * its own, so that answers leave where the question came in.
 *
 * NICs are in the order of card and device numbers, not of MAC addresses; called eth0, eth1, …
 * and matched by MAC.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/network/address.h"
#include "agent/network/forms.h"
#include "agent/network/put.h"

#define NICS_MAX    64
#define TABLE       100
#define METRIC_STEP 100
#define LENGTH_V4   24
#define LENGTH_V6   128

struct nic {
	const struct doc_pair *pair;
	int64_t card, device;
};

const struct doc_node *network_ec2_macs(const struct doc_node *doc)
{
	static const char *const places[] = {
		"network.interfaces.macs",
		"meta-data.network.interfaces.macs",
		"meta_data.network.interfaces.macs",
		"ds.meta_data.network.interfaces.macs",
		"latest.meta-data.network.interfaces.macs",
		"interfaces.macs",
		"macs",
	};

	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		const struct doc_node *n = doc_at(doc, places[i]);

		if (n && n->kind == DOC_MAP)
			return n;
	}
	return NULL;
}

static int by_place(const void *a, const void *b)
{
	const struct nic *x = a, *y = b;

	if (x->card != y->card)
		return x->card < y->card ? -1 : 1;
	if (x->device != y->device)
		return x->device < y->device ? -1 : 1;
	return strcmp(x->pair->key, y->pair->key);
}

static int64_t place(struct network *net, const struct doc_node *n)
{
	int64_t number = network_number(net->p, n, 0, 1000);

	return number == NETWORK_UNSET ? 0 : number;
}

/* The VPC's router has the first address of the subnet. */
static const char *router(struct network *net, const char *subnet)
{
	char text[NETWORK_ADDRESS], host[INET_ADDRSTRLEN];
	struct in_addr a;

	if (!network_destination(subnet, NULL, false, text) || network_is_v6(text))
		return NULL;
	*strchr(text, '/') = '\0';
	if (inet_pton(AF_INET, text, &a) != 1)
		return NULL;
	a.s_addr = htonl(ntohl(a.s_addr) + 1);
	if (!inet_ntop(AF_INET, &a, host, sizeof(host)))
		return NULL;
	return doc_strdup(net->p, host, strlen(host));
}

static void add_rules(struct network *net, struct network_if *nic,
		      const struct network_texts *addresses, int64_t table)
{
	for (size_t i = 0; i < addresses->n; i++) {
		struct network_rule rule = { .table = table,
					     .priority = NETWORK_UNSET,
					     .mark = NETWORK_UNSET };
		char cidr[NETWORK_ADDRESS];

		if (!network_cidr(addresses->item[i], NULL, -1, cidr))
			continue;
		rule.from = doc_strdup(net->p, cidr, strlen(cidr));
		if (rule.from)
			network_add_rule(net, nic, &rule);
	}
}

/* IPv6's router tells of itself, and is in the main table: a card's own has what is on the link. */
static void add_table_v6(struct network *net, struct network_if *nic, const struct doc_node *subnet,
			 int64_t table)
{
	struct network_route local = { .metric = NETWORK_UNSET,
				       .table = table,
				       .mtu = NETWORK_UNSET };
	char cidr[NETWORK_ADDRESS];

	for (size_t i = 0; subnet && subnet->kind == DOC_SEQ && i < subnet->len; i++)
		add_table_v6(net, nic, subnet->items[i], table);
	if (!network_text(subnet) || !network_destination(subnet->text, NULL, true, cidr))
		return;
	local.to = doc_strdup(net->p, cidr, strlen(cidr));
	if (local.to)
		network_add_route(net, nic, &local);
}

static void add_table(struct network *net, struct network_if *nic, const char *subnet,
		      int64_t table)
{
	struct network_route local = { .metric = NETWORK_UNSET,
				       .table = table,
				       .mtu = NETWORK_UNSET };
	struct network_route out = local;
	char cidr[NETWORK_ADDRESS];

	out.via = router(net, subnet);
	if (!out.via || !network_destination(subnet, NULL, false, cidr))
		return;
	out.to = "0.0.0.0/0";
	local.to = doc_strdup(net->p, cidr, strlen(cidr));
	if (!local.to)
		return;
	network_add_route(net, nic, &out);
	network_add_route(net, nic, &local);
}

/* All but the first, which is DHCP's. */
static void add_secondary(struct network *net, struct network_if *nic,
			  const struct network_texts *list, const char *subnet)
{
	const char *slash = subnet ? strchr(subnet, '/') : NULL;
	int length = slash ? network_mask_length(slash, false) : -1;

	for (size_t i = 1; i < list->n; i++) {
		char cidr[NETWORK_ADDRESS];
		int bits = network_is_v6(list->item[i]) ? LENGTH_V6
			   : length > 0                 ? length
							: LENGTH_V4;

		if (network_cidr(list->item[i], NULL, bits, cidr))
			(void)network_add_text(net->p, &nic->addresses, cidr);
	}
}

/* Addresses as a list, or a line each. */
static void put_lines(struct network *net, struct network_texts *to, const struct doc_node *n)
{
	const char *text = network_text(n);

	if (!text || !strchr(text, '\n'))
		network_put_servers(net, to, n);
	for (size_t len; text && strchr(n->text, '\n') && *text; text += len) {
		struct doc_node line = { .kind = DOC_STR, .origin = n->origin };

		text += strspn(text, "\r\n");
		len = strcspn(text, "\r\n");
		line.text = doc_strdup(net->p, text, len);
		line.len = len;
		network_put_servers(net, to, line.text ? &line : NULL);
	}
}

static void read_nic(struct network *net, const struct nic *source, size_t index, size_t n)
{
	const struct doc_node *doc = source->pair->val;
	struct doc_node mac = { .kind = DOC_STR, .origin = source->pair->origin };
	const char *subnet = network_text(doc_key(doc, "subnet-ipv4-cidr-block"));
	struct network_texts v4 = { 0 }, v6 = { 0 };
	struct network_if *nic;

	mac.len = strcspn(source->pair->key, "/");
	mac.text = doc_strdup(net->p, source->pair->key, mac.len);
	nic = network_put_eth(net, index, mac.text ? &mac : NULL, source->pair->origin);
	if (!nic)
		return;
	put_lines(net, &v4, doc_key(doc, "local-ipv4s"));
	put_lines(net, &v6, doc_key(doc, "ipv6s"));
	nic->dhcp = NETWORK_YES;
	if (v6.n)
		nic->dhcp6 = NETWORK_YES;
	if (n > 1)
		nic->route_metric = METRIC_STEP * (int64_t)(index + 1);
	add_secondary(net, nic, &v4, subnet);
	add_secondary(net, nic, &v6, NULL);
	if (index == 0)
		return;
	if (subnet)
		add_table(net, nic, subnet, TABLE + (int64_t)index);
	add_rules(net, nic, &v4, TABLE + (int64_t)index);
	add_table_v6(net, nic, doc_key(doc, "subnet-ipv6-cidr-blocks"), TABLE + (int64_t)index);
	add_rules(net, nic, &v6, TABLE + (int64_t)index);
}

void network_read_ec2(struct network *net, const struct doc_node *doc)
{
	const struct doc_node *macs = network_ec2_macs(doc);
	struct nic nics[NICS_MAX];
	size_t n = 0;

	for (size_t i = 0; macs && i < macs->len && n < NICS_MAX; i++) {
		const struct doc_node *nic = macs->pairs[i].val, *card;

		if (nic->kind != DOC_MAP)
			continue;
		card = doc_key(nic, "network-card-index");
		nics[n++] = (struct nic){
			&macs->pairs[i], place(net, card ? card : doc_key(nic, "network-card")),
			place(net, doc_key(nic, "device-number"))
		};
	}
	qsort(nics, n, sizeof(nics[0]), by_place);
	for (size_t i = 0; i < n; i++)
		read_nic(net, &nics[i], i, n);
}
