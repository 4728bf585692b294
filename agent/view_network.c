/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Interfaces by name or by MAC address, as the machine has them.
 */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "agent/network/forms.h"
#include "agent/view_network.h"
#include "lib/doc/tree.h"
#include "lib/file.h"
#include "lib/scope.h"

#define SOURCE "agent"
#define NET "/sys/class/net"
#define DEFAULT_TIMEOUT 10
#define NICS_MAX 64
#define NAME_LEN 16

struct nic {
	char name[NAME_LEN];
	char mac[32];
};

struct nics {
	struct nic nic[NICS_MAX]; /* by name */
	size_t n;
};

struct lists {
	struct doc_pool *p;
	struct tree_items allow, deny, interfaces;
};

static void lists_done(struct lists *l)
{
	tree_items_done(&l->allow);
	tree_items_done(&l->deny);
	tree_items_done(&l->interfaces);
}

static void read_mac(int root, const char *name, char *mac, size_t size)
{
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(256);
	char path[64];

	(void)snprintf(path, sizeof(path), NET "/%.15s/address", name);
	if (file_read(root, path, &b, NULL) == 0)
		(void)snprintf(mac, size, "%.*s", (int)strcspn(buf_text(&b), "\n"), buf_text(&b));
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct nic *)a)->name, ((const struct nic *)b)->name);
}

static void list_nics(int root, struct nics *ret)
{
	AUTO_CLOSEDIR DIR *dir = NULL;
	const struct dirent *e;
	struct nic *nic;
	int fd;

	if (file_open(root, NET, O_RDONLY | O_DIRECTORY, 0, &fd, NULL) < 0)
		return;
	dir = fdopendir(fd);
	if (!dir) {
		(void)close(fd);
		return;
	}
	while (ret->n < NICS_MAX && (e = readdir(dir))) {
		if (e->d_name[0] == '.' || strlen(e->d_name) >= NAME_LEN ||
		    !strcmp(e->d_name, "lo"))
			continue;
		nic = &ret->nic[ret->n++];
		memcpy(nic->name, e->d_name, strlen(e->d_name) + 1);
		read_mac(root, nic->name, nic->mac, sizeof(nic->mac));
	}
	qsort(ret->nic, ret->n, sizeof(ret->nic[0]), by_name);
}

/* "mac=…" or "mac:…" after which a MAC address stands, perhaps with "*"; else NULL. */
static const char *mac_pattern(const char *match)
{
	return !strncmp(match, "mac=", 4) || !strncmp(match, "mac:", 4) ? match + 4 : NULL;
}

static bool add(struct tree_items *list, const struct doc_node *n)
{
	return n && tree_items_add(list, n) == 0;
}

static const struct doc_node *text(struct lists *l, const struct doc_node *at, const char *s)
{
	return tree_str(l->p, at->origin, s, strlen(s));
}

/* The first address of a family among `address` and `addresses`; later ones are not set up yet. */
static const struct doc_node *pick_address(struct lists *l, const struct doc_node *nic, bool v6)
{
	const struct doc_node *one = doc_key(nic, "address"), *list = doc_key(nic, "addresses");
	const struct doc_node *picked = NULL;
	size_t n = list && list->kind == DOC_SEQ ? list->len : 0;

	for (size_t i = 0; i <= n; i++) {
		const struct doc_node *a = i < n ? list->items[i] : one;

		if (!doc_is_scalar(a) || a->len == 0 || (strchr(a->text, ':') != NULL) != v6)
			continue;
		if (!picked)
			picked = a;
		else if (strcmp(picked->text, a->text))
			doc_say(l->p, false, a->origin,
				"a second address of an interface is not set up yet: ignored");
	}
	return picked;
}

/* What is told only when it is switched off. */
static const struct {
	const char *key, *off;
} switches[] = {
	{ "dhcp6", "no_dhcp6" },
	{ "accept_ra", "no_ra" },
};

static const struct doc_node *put(struct lists *l, const struct doc_node *n, const char *key,
				  const struct doc_node *val)
{
	const struct doc_node *with = val ? doc_with(l->p, n, key, val) : NULL;

	return with ? with : n;
}

/* What dhcpcd is told about one interface of this machine. */
static void add_interface(struct lists *l, const char *name, const struct doc_node *nic)
{
	const struct doc_node *v4 = pick_address(l, nic, false), *v6 = pick_address(l, nic, true);
	bool dhcp = doc_bool(nic, "dhcp", false);
	const struct doc_node *n = put(l, NULL, "name", text(l, nic, name));

	if (!dhcp && !v4 && !v6) {
		(void)add(&l->deny, text(l, nic, name));
		return;
	}
	n = put(l, n, "dhcp", doc_new_bool(l->p, SOURCE, dhcp));
	if (!dhcp)
		n = put(l, n, "address", v4);
	n = put(l, n, "address6", v6);
	if (!dhcp)
		n = put(l, n, "gateway", doc_key(nic, "gateway"));
	n = put(l, n, "mtu", doc_key(nic, "mtu"));
	for (size_t i = 0; i < ARRAY_LEN(switches); i++)
		if (!doc_bool(nic, switches[i].key, true))
			n = put(l, n, switches[i].off, doc_new_bool(l->p, SOURCE, true));
	(void)add(&l->allow, text(l, nic, name));
	(void)add(&l->interfaces, n);
	if (doc_key(nic, "gateway_ipv6"))
		doc_say(l->p, false, doc_key(nic, "gateway_ipv6")->origin,
			"gateway_ipv6 is not set up yet: the router's advertisements are used");
}

static void add_by_mac(struct lists *l, const struct nics *nics, const char *pattern,
		       const struct doc_pair *nic)
{
	bool found = false;

	for (size_t i = 0; i < nics->n; i++) {
		if (fnmatch(pattern, nics->nic[i].mac, FNM_CASEFOLD) != 0)
			continue;
		add_interface(l, nics->nic[i].name, nic->val);
		found = true;
	}
	if (!found)
		doc_say(l->p, false, nic->origin, "no interface here has the MAC address %.40s",
			pattern);
}

/* A pattern with DHCP is dhcpcd's own business; one with an address means every interface that it
 * matches. */
static void add_by_pattern(struct lists *l, const struct nics *nics, const char *pattern,
			   const struct doc_node *nic)
{
	if (doc_bool(nic, "dhcp", false)) {
		(void)add(&l->allow, text(l, nic, pattern));
		return;
	}
	for (size_t i = 0; i < nics->n; i++)
		if (!fnmatch(pattern, nics->nic[i].name, 0))
			add_interface(l, nics->nic[i].name, nic);
}

/* `match` is a text of RancherOS' or the model's map. */
static void add_nic(struct lists *l, const struct nics *nics, const struct doc_pair *nic)
{
	const char *match = doc_str(nic->val, "match", doc_str(nic->val, "match.name", nic->key));
	const char *mac = doc_str(nic->val, "match.mac", mac_pattern(match));

	if (nic->val->kind != DOC_MAP || !strcmp(match, "lo"))
		return;
	if (mac)
		add_by_mac(l, nics, mac, nic);
	else if (strpbrk(match, "*?["))
		add_by_pattern(l, nics, match, nic->val);
	else
		add_interface(l, match, nic->val);
}

static const struct doc_node *finish(struct lists *l, const struct doc_node *config)
{
	const struct doc_origin at = { .source = SOURCE };
	int64_t timeout = doc_int(config, "rancher.network.dhcp_timeout",
				  doc_int(config, "rancher.defaults.network.dhcp_timeout",
					  DEFAULT_TIMEOUT));
	const struct doc_node *n = NULL;

	if (l->allow.n == 0 && l->deny.n == 0)
		(void)add(&l->allow, doc_new_str(l->p, SOURCE, "eth*"));
	n = put(l, n, "allow", tree_seq(l->p, at, l->allow.data, l->allow.n));
	n = put(l, n, "deny", tree_seq(l->p, at, l->deny.data, l->deny.n));
	n = put(l, n, "interfaces", tree_seq(l->p, at, l->interfaces.data, l->interfaces.n));
	return put(l, n, "dhcp_timeout", doc_new_int(l->p, SOURCE, timeout));
}

const struct doc_node *view_network(int root, struct doc_pool *p, const struct doc_node *config)
{
	const struct doc_node *map = doc_at(config, "rancher.network.interfaces");
	CLEANUP(lists_done) struct lists l = { .p = p };
	AUTO_FREE struct nics *nics = calloc(1, sizeof(*nics));

	if (!nics)
		return NULL;
	if (map && map->kind == DOC_MAP && map->len)
		list_nics(root, nics);
	for (size_t i = 0; map && map->kind == DOC_MAP && i < map->len; i++)
		add_nic(&l, nics, &map->pairs[i]);
	return finish(&l, config);
}

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
