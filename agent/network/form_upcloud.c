/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UpCloud's metadata/v1.json: interfaces with addresses that say of themselves whether they come by
 * DHCP (IPv6: by router advertisements and DHCP) or are to be set.
 */
#include <string.h>

#include "agent/network/forms.h"
#include "agent/network/put.h"

static void read_address(struct network *net, struct network_if *nic, const struct doc_node *a)
{
	const char *subnet = network_text(doc_key(a, "network"));
	const char *slash = subnet ? strchr(subnet, '/') : NULL;
	bool is_v6 = !strcmp(doc_str(a, "family", "IPv4"), "IPv6");

	if (!doc_bool(a, "dhcp", false)) {
		network_put_address(net, nic, doc_key(a, "address"), slash, 0);
		/* A floating address is one more; the way out is the other's. */
		if (!doc_bool(a, "floating", false))
			network_put_gateway(net, nic, doc_key(a, "gateway"));
	} else if (is_v6) {
		nic->dhcp6 = NETWORK_YES;
		nic->accept_ra = NETWORK_YES;
	} else {
		nic->dhcp = NETWORK_YES;
	}
}

bool network_is_upcloud(const struct doc_node *doc)
{
	const struct doc_node *list = doc_at(doc, "network.interfaces");

	return list && list->kind == DOC_SEQ && list->len &&
	       doc_key(list->items[0], "ip_addresses");
}

void network_read_upcloud(struct network *net, const struct doc_node *doc)
{
	const struct doc_node *list = doc_at(doc, "network.interfaces");

	for (size_t i = 0; i < list->len; i++) {
		const struct doc_node *item = list->items[i];
		const struct doc_node *a = doc_key(item, "ip_addresses");
		struct network_if *nic =
			network_put_eth(net, i, doc_key(item, "mac"), item->origin);

		for (size_t k = 0; nic && a && a->kind == DOC_SEQ && k < a->len; k++)
			read_address(net, nic, a->items[k]);
	}
	network_put_servers(net, &net->nameservers, doc_at(doc, "network.dns"));
}
