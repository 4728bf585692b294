/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Vultr's v1.json: DHCP and router advertisements on public interfaces, whose further addresses are
 * static, full static addresses on private ones. Newer servers give a network configuration of
 * version 1 instead, in which only the names are missing.
 */
#include <string.h>

#include "agent/network/forms.h"
#include "agent/network/put.h"

static void put_further(struct network *net, struct network_if *nic, const struct doc_node *list)
{
	for (size_t i = 0; list && list->kind == DOC_SEQ && i < list->len; i++) {
		const struct doc_node *item = list->items[i];
		const char *mask = network_text(doc_key(item, "netmask"));

		network_put_address(net, nic, doc_key(item, "address"),
				    mask ? mask : network_text(doc_key(item, "prefix")), 0);
	}
}

static void read_one(struct network *net, const struct doc_node *item, size_t index)
{
	bool is_public = strcmp(doc_str(item, "network-type", "public"), "private") != 0;
	const struct doc_node *v4 = doc_key(item, "ipv4"), *v6 = doc_key(item, "ipv6");
	struct network_if *nic = network_put_eth(net, index, doc_key(item, "mac"), item->origin);

	if (!nic)
		return;
	if (!is_public)
		network_put_address(net, nic, doc_key(v4, "address"),
				    network_text(doc_key(v4, "netmask")), 0);
	else if (network_text(doc_key(v4, "address")))
		nic->dhcp = NETWORK_YES;
	if (is_public && network_text(doc_key(v6, "address")))
		nic->accept_ra = NETWORK_YES;
	put_further(net, nic, doc_key(v4, "additional"));
	put_further(net, nic, doc_key(v6, "additional"));
}

bool network_is_vultr(const struct doc_node *doc)
{
	const struct doc_node *list = doc_key(doc, "interfaces");

	if (doc_at(doc, "cloud_interfaces.config"))
		return true;
	return list && list->kind == DOC_SEQ && list->len &&
	       doc_key(list->items[0], "network-type");
}

void network_read_vultr(struct network *net, const struct doc_node *doc)
{
	const struct doc_node *list = doc_key(doc, "interfaces");
	const struct doc_node *cloud = doc_key(doc, "cloud_interfaces");

	if (doc_key(cloud, "config")) {
		network_read_v1(net, cloud);
		return;
	}
	for (size_t i = 0; i < list->len; i++)
		read_one(net, list->items[i], i);
}
