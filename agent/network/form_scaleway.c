/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scaleway's conf: the first public address comes by DHCP, further ones are static, IPv6 is as each
 * address says. The metadata names no MAC address of the public card, which is the first one;
 * private ones have theirs.
 */
#include <string.h>

#include "agent/network/forms.h"
#include "agent/network/put.h"

static bool is_list(const struct doc_node *n)
{
	return n && n->kind == DOC_SEQ;
}

static void put_static(struct network *net, struct network_if *nic, const struct doc_node *a)
{
	network_put_address(net, nic, doc_key(a, "address"), network_text(doc_key(a, "netmask")),
			    0);
}

static void read_v6(struct network *net, struct network_if *nic, const struct doc_node *a)
{
	const char *mode = doc_str(a, "provisioning_mode", "manual");

	if (!strcmp(mode, "slaac")) {
		nic->accept_ra = NETWORK_YES;
	} else if (!strcmp(mode, "dhcp")) {
		nic->dhcp6 = NETWORK_YES;
	} else {
		put_static(net, nic, a);
		network_put_gateway(net, nic, doc_key(a, "gateway"));
	}
}

static void read_public(struct network *net, struct network_if *nic, const struct doc_node *doc)
{
	const struct doc_node *v4 = doc_key(doc, "public_ips_v4"),
			      *v6 = doc_key(doc, "public_ips_v6");

	/* Servers of old say only public_ip, or are behind a router. */
	if (!is_list(v4) || v4->len || network_text(doc_key(doc, "private_ip")))
		nic->dhcp = NETWORK_YES;
	for (size_t i = 1; is_list(v4) && i < v4->len; i++)
		put_static(net, nic, v4->items[i]);
	for (size_t i = 0; is_list(v6) && i < v6->len; i++)
		read_v6(net, nic, v6->items[i]);
	if (!is_list(v6) && doc_at(doc, "ipv6.address"))
		read_v6(net, nic, doc_key(doc, "ipv6"));
}

bool network_is_scaleway(const struct doc_node *doc)
{
	return is_list(doc_key(doc, "public_ips_v4")) || doc_key(doc, "commercial_type");
}

void network_read_scaleway(struct network *net, const struct doc_node *doc)
{
	const struct doc_node *private = doc_key(doc, "private_nics");
	struct network_if *nic = network_put_eth(net, 0, NULL, doc->origin);

	if (nic)
		read_public(net, nic, doc);
	for (size_t i = 0; is_list(private) && i < private->len; i++) {
		const struct doc_node *item = private->items[i];

		nic = network_put_eth(net, i + 1, doc_key(item, "mac_address"), item->origin);
		if (nic)
			nic->dhcp = NETWORK_YES;
	}
}
