/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Name servers and domains for /etc/resolv.conf.
 */
#include "agent/apply/view_network.h"

#include "agent/network/forms.h"
#include "lib/doc/tree.h"

#define SOURCE "agent"

/* Those of the machine, then those that stand with an interface; NULL for none. */
static const struct doc_node *all_of(struct doc_pool *p, const struct network_texts *top,
				     const struct network *net, size_t offset)
{
	struct network_texts all = { 0 };
	AUTO_ITEMS struct tree_items items = { 0 };

	for (size_t i = 0; i < top->n; i++)
		(void)network_add_text(p, &all, top->item[i]);
	for (size_t i = 0; i < net->n; i++) {
		const struct network_texts *own =
			(const struct network_texts *)((const char *)net->ifs[i] + offset);

		for (size_t k = 0; k < own->n; k++)
			(void)network_add_text(p, &all, own->item[k]);
	}
	for (size_t i = 0; i < all.n; i++) {
		const struct doc_node *n = doc_new_str(p, SOURCE, all.item[i]);

		if (!n || tree_items_add(&items, n) < 0)
			return NULL;
	}
	return items.n ? doc_new_seq(p, SOURCE, items.data, items.n) : NULL;
}

const struct doc_node *view_network_dns(struct doc_pool *p, const struct doc_node *config)
{
	const struct network *net = network_read_rancher(p, config);
	const struct doc_node *servers, *search, *dns = NULL;

	if (!net)
		return NULL;
	servers = all_of(p, &net->nameservers, net, offsetof(struct network_if, nameservers));
	search = all_of(p, &net->search, net, offsetof(struct network_if, search));
	if (servers)
		dns = doc_with(p, dns, "nameservers", servers);
	return search ? doc_with(p, dns, "search", search) : dns;
}
