/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads both versions with the same few helpers. MAC addresses and versions are taken by their
 * source text: unquoted, YAML takes 11:22:33:44:55:06 for a number of base 60.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "agent/network_config.h"
#include "lib/doc/tree.h"

#define NAME_MAX_LEN 15
#define ADDRESS_MAX 64
#define ADDRESSES 32

/* One interface on its way from one form to the other. */
struct nic {
	const struct doc_node *node; /* rancher.network.interfaces.NAME so far */
	const struct doc_node *addresses[ADDRESSES];
	size_t n_addresses;
	struct doc_origin at;
};

struct reader {
	struct doc_pool *p;
	const struct doc_node *network; /* the result so far */
	const struct doc_node *nameservers[ADDRESSES], *search[ADDRESSES];
	size_t n_nameservers, n_search;
};

static void set(struct reader *r, struct nic *nic, const char *key, const struct doc_node *val)
{
	const struct doc_node *with = doc_with(r->p, nic->node, key, val);

	if (with)
		nic->node = with;
}

static void set_text(struct reader *r, struct nic *nic, const char *key, const char *text)
{
	set(r, nic, key, tree_str(r->p, nic->at, text, strlen(text)));
}

static void set_flag(struct reader *r, struct nic *nic, const char *key, bool value)
{
	set(r, nic, key, doc_new_bool(r->p, nic->at.source, value));
}

/* Bits of a netmask (255.255.255.0, ffff::, or a plain number); -1 when it is none. */
static int mask_bits(const char *mask, bool v6)
{
	unsigned char bytes[16];
	int n = v6 ? 16 : 4, bits = 0;
	char *end;
	long number = strtol(mask, &end, 10);

	if (*mask && !*end)
		return number >= 0 && number <= n * 8 ? (int)number : -1;
	if (inet_pton(v6 ? AF_INET6 : AF_INET, mask, bytes) != 1)
		return -1;
	while (bits < n * 8 && bytes[bits / 8] >> (7 - bits % 8) & 1)
		bits++;
	for (int i = bits; i < n * 8; i++)
		if (bytes[i / 8] >> (7 - i % 8) & 1)
			return -1;
	return bits;
}

static bool is_address(const char *text)
{
	unsigned char bytes[16];

	return inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1;
}

/* "a/len" of an address with or without length and a separate mask; false when it is none. */
static bool with_length(const char *address, const char *mask, char *ret)
{
	char host[ADDRESS_MAX];
	const char *slash = strchr(address, '/');
	size_t len = slash ? (size_t)(slash - address) : strlen(address);
	bool v6 = strchr(address, ':') != NULL;
	int bits;

	if (len >= sizeof(host))
		return false;
	memcpy(host, address, len);
	host[len] = '\0';
	if (slash)
		mask = slash + 1;
	bits = mask ? mask_bits(mask, v6) : v6 ? 64 : 32;
	if (!is_address(host) || bits < 0)
		return false;
	(void)snprintf(ret, ADDRESS_MAX + 16, "%s/%d", host, bits);
	return true;
}

static void add_address(struct reader *r, struct nic *nic, const struct doc_node *n,
			const char *mask)
{
	char text[ADDRESS_MAX + 16];
	const struct doc_node *val;

	if (!doc_is_scalar(n) || !with_length(n->text, mask, text)) {
		if (n)
			doc_say(r->p, true, n->origin, "this is no address: ignored");
		return;
	}
	val = tree_str(r->p, n->origin, text, strlen(text));
	if (val && nic->n_addresses < ADDRESSES)
		nic->addresses[nic->n_addresses++] = val;
}

static void add_gateway(struct reader *r, struct nic *nic, const struct doc_node *n)
{
	if (!doc_is_scalar(n) || n->kind == DOC_NULL)
		return;
	if (!is_address(n->text)) {
		doc_say(r->p, true, n->origin, "this is no address: ignored");
		return;
	}
	set(r, nic, strchr(n->text, ':') ? "gateway_ipv6" : "gateway", n);
}

static void add_texts(const struct doc_node *n, const struct doc_node **list, size_t *count)
{
	if (doc_is_scalar(n) && n->kind != DOC_NULL && *count < ADDRESSES)
		list[(*count)++] = n;
	for (size_t i = 0; n && n->kind == DOC_SEQ && i < n->len; i++)
		add_texts(n->items[i], list, count);
}

/* "mac=aa:bb:…" in lower case; false when it is no MAC address. */
static bool match_text(const char *mac, char *ret, size_t size)
{
	size_t len = strlen(mac);

	if (len != 17)
		return false;
	for (size_t i = 0; i < len; i++)
		if (i % 3 == 2 ? mac[i] != ':' : !isxdigit((unsigned char)mac[i]))
			return false;
	(void)snprintf(ret, size, "mac=%s", mac);
	for (char *s = ret; *s; s++)
		*s = (char)tolower((unsigned char)*s);
	return true;
}

static void set_mac(struct reader *r, struct nic *nic, const struct doc_node *mac)
{
	char text[32];

	if (!doc_is_scalar(mac) || mac->kind == DOC_NULL)
		return;
	if (match_text(mac->text, text, sizeof(text)))
		set_text(r, nic, "match", text);
	else
		doc_say(r->p, true, mac->origin, "this is no MAC address: ignored");
}

/* Put a finished interface into the result under its name. */
static void finish(struct reader *r, struct nic *nic, const char *name)
{
	const struct doc_node *list, *with;
	char path[80];

	if (nic->n_addresses) {
		list = doc_new_seq(r->p, nic->at.source, nic->addresses, nic->n_addresses);
		set(r, nic, "addresses", list);
	}
	(void)snprintf(path, sizeof(path), "interfaces.\"%.*s\"", NAME_MAX_LEN, name);
	with = doc_with(r->p, r->network, path, nic->node);
	if (with)
		r->network = with;
}

static void say_skipped(struct reader *r, const struct doc_node *n, const char *what)
{
	doc_say(r->p, false, n->origin, "%s is not carried over yet: skipped", what);
}

/* --- version 1 --- */

static void v1_routes(struct reader *r, struct nic *nic, const struct doc_node *routes)
{
	for (size_t i = 0; routes && routes->kind == DOC_SEQ && i < routes->len; i++) {
		const struct doc_node *route = routes->items[i];
		const char *to = doc_str(route, "destination", doc_str(route, "network", ""));

		if (!strcmp(to, "0.0.0.0") || !strcmp(to, "0.0.0.0/0") || !strcmp(to, "::/0"))
			add_gateway(r, nic, doc_key(route, "gateway"));
		else
			say_skipped(r, route, "a route other than the default one");
	}
}

static void v1_subnet(struct reader *r, struct nic *nic, const struct doc_node *subnet)
{
	const char *type = doc_str(subnet, "type", "");

	if (!strcmp(type, "dhcp") || !strcmp(type, "dhcp4"))
		set_flag(r, nic, "dhcp", true);
	else if (!strncmp(type, "static", 6))
		add_address(r, nic, doc_key(subnet, "address"), doc_str(subnet, "netmask", NULL));
	else if (!strncmp(type, "dhcp6", 5) || !strncmp(type, "ipv6_dhcpv6", 11))
		set_flag(r, nic, "dhcp6", true);
	else if (!strcmp(type, "ipv6_slaac"))
		set_flag(r, nic, "accept_ra", true);
	else if (strcmp(type, "manual"))
		say_skipped(r, subnet, "this type of subnet");
	add_gateway(r, nic, doc_key(subnet, "gateway"));
	add_texts(doc_key(subnet, "dns_nameservers"), r->nameservers, &r->n_nameservers);
	add_texts(doc_key(subnet, "dns_search"), r->search, &r->n_search);
	v1_routes(r, nic, doc_key(subnet, "routes"));
}

static void v1_physical(struct reader *r, const struct doc_node *entry)
{
	const struct doc_node *subnets = doc_key(entry, "subnets"), *mtu = doc_key(entry, "mtu");
	const char *name = doc_str(entry, "name", NULL);
	struct nic nic = { .at = entry->origin };

	if (!name) {
		doc_say(r->p, true, entry->origin, "an interface without a name: ignored");
		return;
	}
	set_flag(r, &nic, "dhcp", false);
	set_mac(r, &nic, doc_key(entry, "mac_address"));
	if (mtu && mtu->kind == DOC_INT)
		set(r, &nic, "mtu", mtu);
	for (size_t i = 0; subnets && subnets->kind == DOC_SEQ && i < subnets->len; i++)
		v1_subnet(r, &nic, subnets->items[i]);
	finish(r, &nic, name);
}

static void read_v1(struct reader *r, const struct doc_node *config)
{
	for (size_t i = 0; config && config->kind == DOC_SEQ && i < config->len; i++) {
		const struct doc_node *entry = config->items[i];
		const char *type = doc_str(entry, "type", "");

		if (!strcmp(type, "physical")) {
			v1_physical(r, entry);
		} else if (!strcmp(type, "nameserver")) {
			add_texts(doc_key(entry, "address"), r->nameservers, &r->n_nameservers);
			add_texts(doc_key(entry, "search"), r->search, &r->n_search);
		} else if (strcmp(type, "loopback")) {
			say_skipped(r, entry, "this type of entry");
		}
	}
}

/* --- version 2 --- */

static void v2_routes(struct reader *r, struct nic *nic, const struct doc_node *routes)
{
	for (size_t i = 0; routes && routes->kind == DOC_SEQ && i < routes->len; i++) {
		const char *to = doc_str(routes->items[i], "to", "");

		if (!strcmp(to, "default") || !strcmp(to, "0.0.0.0/0") || !strcmp(to, "::/0"))
			add_gateway(r, nic, doc_key(routes->items[i], "via"));
		else
			say_skipped(r, routes->items[i], "a route other than the default one");
	}
}

static void v2_addresses(struct reader *r, struct nic *nic, const struct doc_node *list)
{
	for (size_t i = 0; list && list->kind == DOC_SEQ && i < list->len; i++) {
		const struct doc_node *item = list->items[i];
		struct doc_node key = { .kind = DOC_STR, .origin = item->origin };

		/* {10.0.0.2/24: {label: x}} */
		if (item->kind == DOC_MAP && item->len == 1) {
			key.text = item->pairs[0].key;
			item = &key;
		}
		add_address(r, nic, item, NULL);
	}
}

static void v2_ethernet(struct reader *r, const char *id, const struct doc_node *e)
{
	const struct doc_node *match = doc_key(e, "match"), *mtu = doc_key(e, "mtu");
	const char *name = doc_str(match, "name", NULL);
	struct nic nic = { .at = e->origin };

	set_flag(r, &nic, "dhcp", doc_bool(e, "dhcp4", false));
	if (doc_key(e, "dhcp6"))
		set_flag(r, &nic, "dhcp6", doc_bool(e, "dhcp6", false));
	if (doc_key(e, "accept-ra"))
		set_flag(r, &nic, "accept_ra", doc_bool(e, "accept-ra", true));
	set_mac(r, &nic, doc_key(match, "macaddress"));
	if (name && !doc_key(match, "macaddress"))
		set_text(r, &nic, "match", name);
	if (mtu && mtu->kind == DOC_INT)
		set(r, &nic, "mtu", mtu);
	v2_addresses(r, &nic, doc_key(e, "addresses"));
	add_gateway(r, &nic, doc_key(e, "gateway4"));
	add_gateway(r, &nic, doc_key(e, "gateway6"));
	v2_routes(r, &nic, doc_key(e, "routes"));
	add_texts(doc_at(e, "nameservers.addresses"), r->nameservers, &r->n_nameservers);
	add_texts(doc_at(e, "nameservers.search"), r->search, &r->n_search);
	finish(r, &nic, doc_str(e, "set-name", id));
}

static void read_v2(struct reader *r, const struct doc_node *config)
{
	static const char *const later[] = { "bonds", "bridges", "vlans", "wifis" };
	const struct doc_node *ethernets = doc_key(config, "ethernets");

	for (size_t i = 0; ethernets && ethernets->kind == DOC_MAP && i < ethernets->len; i++)
		v2_ethernet(r, ethernets->pairs[i].key, ethernets->pairs[i].val);
	for (size_t i = 0; i < ARRAY_LEN(later); i++)
		if (doc_key(config, later[i]))
			say_skipped(r, doc_key(config, later[i]), later[i]);
}

static void put_list(struct reader *r, const char *path, const struct doc_node **list, size_t n)
{
	const struct doc_node *seq = n ? doc_new_seq(r->p, "network-config", list, n) : NULL;
	const struct doc_node *with = seq ? doc_with(r->p, r->network, path, seq) : NULL;

	if (with)
		r->network = with;
}

const struct doc_node *network_config_read(struct doc_pool *p, const struct doc_node *config)
{
	struct reader r = { .p = p };
	const char *version;

	if (doc_key(config, "network"))
		config = doc_key(config, "network");
	version = doc_str(config, "version", "");
	if (!strcmp(version, "1"))
		read_v1(&r, doc_key(config, "config"));
	else if (!strcmp(version, "2"))
		read_v2(&r, config);
	else if (!strcmp(doc_str(config, "config", ""), "disabled"))
		return NULL;
	else
		doc_say(p, true, config->origin,
			"neither \"version: 1\" nor \"version: 2\": ignored");
	put_list(&r, "dns.nameservers", r.nameservers, r.n_nameservers);
	put_list(&r, "dns.search", r.search, r.n_search);
	return r.network;
}
