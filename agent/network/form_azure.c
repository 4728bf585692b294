/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Azure's metadata/instance: DHCP on each card, addresses beyond the first as static ones. Cards
 * beyond the first are a worse way out, and ask for no name servers.
 */
#include <stdio.h>
#include <string.h>

#include "agent/network/forms.h"
#include "agent/network/put.h"

#define METRIC_STEP 100
#define LENGTH_V4   "24"
#define LENGTH_V6   "128"

/* "000D3A047598" with colons; NULL when it is something else. */
static const struct doc_node *mac_of(struct network *net, const struct doc_node *n)
{
	const char *text = network_text(n);
	char with[18];

	if (!text || strlen(text) != 12)
		return n;
	for (size_t i = 0; i < 6; i++)
		(void)snprintf(with + 3 * i, sizeof(with) - 3 * i, "%.2s%s", text + 2 * i,
			       i < 5 ? ":" : "");
	return doc_new_str(net->p, n->origin.source, with);
}

/* True when the card has an address of the family. */
static bool read_family(struct network *net, struct network_if *nic, const struct doc_node *family,
			const char *length)
{
	const struct doc_node *list = doc_key(family, "ipAddress");
	const char *prefix = network_text(doc_at(family, "subnet.0.prefix"));

	for (size_t i = 1; list && list->kind == DOC_SEQ && i < list->len; i++)
		network_put_address(net, nic, doc_key(list->items[i], "privateIpAddress"),
				    prefix ? prefix : length, 0);
	return list && list->kind == DOC_SEQ && list->len > 0;
}

bool network_is_azure(const struct doc_node *doc)
{
	const struct doc_node *list = doc_at(doc, "network.interface");

	return list && list->kind == DOC_SEQ;
}

void network_read_azure(struct network *net, const struct doc_node *doc)
{
	const struct doc_node *list = doc_at(doc, "network.interface");

	for (size_t i = 0; i < list->len; i++) {
		const struct doc_node *item = list->items[i];
		struct network_if *nic = network_put_eth(
			net, i, mac_of(net, doc_key(item, "macAddress")), item->origin);

		if (!nic)
			continue;
		if (read_family(net, nic, doc_key(item, "ipv4"), LENGTH_V4))
			nic->dhcp = NETWORK_YES;
		if (read_family(net, nic, doc_key(item, "ipv6"), LENGTH_V6))
			nic->dhcp6 = NETWORK_YES;
		if (list->len > 1)
			nic->route_metric = METRIC_STEP * (int64_t)(i + 1);
		if (i > 0)
			nic->use_dns = NETWORK_NO;
	}
}
