/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys of VMware's guestinfo and of an OVF environment's properties by which RancherOS and
 * CoreOS configured networks:
 *
 *   interface.N.name | .mac | .dhcp | .role     interface.N.ip.M.address | .netmask
 *   interface.N.route.L.gateway | .destination  dns.server.N  dns.servers  dns.domain.N dns.domains
 *
 * each with or without "guestinfo." in front. Counting stops at the first index that is missing.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "agent/network/forms.h"
#include "agent/network/put.h"

#define PREFIX    "guestinfo."
#define COUNT_MAX 64

static const char *const starts[] = { "interface.", "dns.server", "dns.domain" };

bool network_is_guestinfo_key(const char *key)
{
	if (!strncmp(key, PREFIX, strlen(PREFIX)))
		key += strlen(PREFIX);
	/* A line of YAML that has "=" in its value is none. */
	if (strpbrk(key, ": \t"))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(starts); i++)
		if (!strncmp(key, starts[i], strlen(starts[i])))
			return true;
	return false;
}

static const struct doc_node *get(const struct doc_node *doc, const char *fmt, ...)
	PRINTF_LIKE(2, 3);
static const struct doc_node *get(const struct doc_node *doc, const char *fmt, ...)
{
	char key[128] = PREFIX;
	const struct doc_node *n;
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(key + strlen(PREFIX), sizeof(key) - strlen(PREFIX), fmt, ap);
	va_end(ap);
	n = doc_key(doc, key);
	if (!n)
		n = doc_key(doc, key + strlen(PREFIX));
	return network_text(n) ? n : NULL;
}

static void put_addresses(struct network *net, struct network_if *nic, const struct doc_node *doc,
			  int i)
{
	for (int k = 0; k < COUNT_MAX; k++) {
		const struct doc_node *a = get(doc, "interface.%d.ip.%d.address", i, k);

		if (!a)
			return;
		network_put_address(net, nic, a,
				    network_text(get(doc, "interface.%d.ip.%d.netmask", i, k)), 0);
	}
}

static void put_routes(struct network *net, struct network_if *nic, const struct doc_node *doc,
		       int i)
{
	for (int k = 0; k < COUNT_MAX; k++) {
		const struct doc_node *via = get(doc, "interface.%d.route.%d.gateway", i, k);
		const struct doc_node *to = get(doc, "interface.%d.route.%d.destination", i, k);
		struct network_route_source s = { .to = to, .via = via };

		if (!via)
			return;
		if (to)
			network_put_route(net, nic, &s);
		else
			network_put_gateway(net, nic, via);
	}
}

static bool read_interface(struct network *net, const struct doc_node *doc, int i)
{
	const struct doc_node *name = get(doc, "interface.%d.name", i);
	const struct doc_node *mac = get(doc, "interface.%d.mac", i);
	const struct doc_node *dhcp = get(doc, "interface.%d.dhcp", i);
	char key[NETWORK_NAME];
	struct network_if *nic;

	if (!name && !mac)
		return false;
	(void)snprintf(key, sizeof(key), "eth%d", i);
	nic = network_get(net, name ? name->text : key, name ? name->origin : mac->origin);
	if (!nic)
		return true;
	network_put_match_mac(net, nic, mac);
	if (dhcp)
		nic->dhcp = network_flag_of(net->p, dhcp);
	put_addresses(net, nic, doc, i);
	put_routes(net, nic, doc, i);
	return true;
}

void network_read_guestinfo(struct network *net, const struct doc_node *doc)
{
	for (int i = 0; i < COUNT_MAX && read_interface(net, doc, i); i++)
		;
	for (int i = 0; i < COUNT_MAX; i++) {
		network_put_servers(net, &net->nameservers, get(doc, "dns.server.%d", i));
		network_put_search(net, &net->search, get(doc, "dns.domain.%d", i));
	}
	network_put_servers(net, &net->nameservers, get(doc, "dns.servers"));
	network_put_search(net, &net->search, get(doc, "dns.domains"));
}
