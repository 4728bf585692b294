/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DigitalOcean's metadata/v1.json: public and private interfaces with full static addresses. They
 * are called eth0, eth1, … in that order, and matched by their MAC addresses.
 */
#include "agent/network/forms.h"
#include "agent/network/put.h"

static void put_family(struct network *net, struct network_if *nic, const struct doc_node *a,
		       bool gateway)
{
	const char *cidr = network_text(doc_key(a, "cidr"));

	if (!a || a->kind != DOC_MAP)
		return;
	network_put_address(net, nic, doc_key(a, "ip_address"),
			    cidr ? cidr : network_text(doc_key(a, "netmask")), 0);
	/* A private network leads nowhere else. */
	if (gateway)
		network_put_gateway(net, nic, doc_key(a, "gateway"));
}

static void read_list(struct network *net, const struct doc_node *list, bool is_public, size_t *n)
{
	for (size_t i = 0; list && list->kind == DOC_SEQ && i < list->len; i++) {
		const struct doc_node *item = list->items[i];
		struct network_if *nic =
			network_put_eth(net, (*n)++, doc_key(item, "mac"), item->origin);

		if (!nic)
			return;
		put_family(net, nic, doc_key(item, "ipv4"), is_public);
		put_family(net, nic, doc_key(item, "anchor_ipv4"), false);
		put_family(net, nic, doc_key(item, "ipv6"), is_public);
	}
}

void network_read_digitalocean(struct network *net, const struct doc_node *doc)
{
	size_t n = 0;

	read_list(net, doc_at(doc, "interfaces.public"), true, &n);
	read_list(net, doc_at(doc, "interfaces.private"), false, &n);
	network_put_servers(net, &net->nameservers, doc_at(doc, "dns.nameservers"));
}
