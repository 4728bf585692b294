/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Oracle's opc/v2/vnics: DHCP on the first card, the addresses of the others are static. The
 * network carries large packets.
 */
#include <string.h>

#include "agent/network/forms.h"
#include "agent/network/put.h"

#define MTU 9000

static const char *length_of(const struct doc_node *subnet)
{
	const char *text = network_text(subnet);

	return text ? strchr(text, '/') : NULL;
}

static void read_v6(struct network *net, struct network_if *nic, const struct doc_node *item)
{
	const struct doc_node *list = doc_key(item, "ipv6Addresses");
	const char *length = length_of(doc_key(item, "ipv6SubnetCidrBlock"));

	for (size_t i = 0; list && list->kind == DOC_SEQ && i < list->len; i++)
		network_put_address(net, nic, list->items[i], length, 0);
}

bool network_is_oracle(const struct doc_node *doc)
{
	return doc && doc->kind == DOC_SEQ && doc->len && doc_key(doc->items[0], "macAddr");
}

void network_read_oracle(struct network *net, const struct doc_node *doc)
{
	for (size_t i = 0; i < doc->len; i++) {
		const struct doc_node *item = doc->items[i];
		struct network_if *nic =
			network_put_eth(net, i, doc_key(item, "macAddr"), item->origin);

		if (!nic)
			continue;
		nic->mtu = MTU;
		if (i == 0) {
			nic->dhcp = NETWORK_YES;
			if (doc_key(item, "ipv6Addresses"))
				nic->dhcp6 = NETWORK_YES;
			continue;
		}
		network_put_address(net, nic, doc_key(item, "privateIp"),
				    length_of(doc_key(item, "subnetCidrBlock")), 0);
		read_v6(net, nic, item);
	}
}
