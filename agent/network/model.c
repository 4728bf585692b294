/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Builds models and settles what their sources left open.
 */
#include <string.h>

#include "agent/network/address.h"
#include "agent/network/model.h"

/* Lists double when they are full, which they are at powers of two from here on. */
#define FIRST        4
#define NAME_MAX_LEN 64

struct network *network_new(struct doc_pool *p)
{
	struct network *net = doc_alloc(p, sizeof(*net));

	if (net)
		*net = (struct network){ .p = p, .dhcp_timeout = NETWORK_UNSET };
	return net;
}

void *network_grow(struct doc_pool *p, void *list, size_t n, size_t size)
{
	char *more;

	if (n >= NETWORK_ITEMS)
		return NULL;
	if (n && (n < FIRST || (n & (n - 1))))
		return list;
	more = doc_alloc(p, (n < FIRST ? FIRST : n * 2) * size);
	if (more && n)
		memcpy(more, list, n * size);
	return more;
}

bool network_has_text(const struct network_texts *list, const char *text)
{
	for (size_t i = 0; i < list->n; i++)
		if (!strcmp(list->item[i], text))
			return true;
	return false;
}

bool network_add_text(struct doc_pool *p, struct network_texts *list, const char *text)
{
	const char **item;

	if (network_has_text(list, text))
		return true;
	item = network_grow(p, list->item, list->n, sizeof(*item));
	text = doc_strdup(p, text, strlen(text));
	if (!item || !text)
		return false;
	list->item = item;
	list->item[list->n++] = text;
	return true;
}

void network_set_option(struct doc_pool *p, struct network_group *g, const char *name,
			const char *value)
{
	struct network_option *option;

	name = doc_strdup(p, name, strlen(name));
	value = doc_strdup(p, value, strlen(value));
	for (size_t i = 0; name && value && i < g->n_options; i++) {
		if (strcmp(g->option[i].name, name) != 0)
			continue;
		g->option[i].value = value;
		return;
	}
	option = network_grow(p, g->option, g->n_options, sizeof(*option));
	if (!option || !name || !value)
		return;
	g->option = option;
	g->option[g->n_options++] = (struct network_option){ name, value };
}

const char *network_option(const struct network_group *g, const char *name)
{
	for (size_t i = 0; i < g->n_options; i++)
		if (!strcmp(g->option[i].name, name))
			return g->option[i].value;
	return NULL;
}

struct network_if *network_find(const struct network *net, const char *name)
{
	for (size_t i = 0; i < net->n; i++)
		if (!strcmp(net->ifs[i]->name, name))
			return net->ifs[i];
	return NULL;
}

/* A name may be a pattern of names, or "mac=" and one of hardware addresses: RancherOS' way. */
static void match_by_name(struct network *net, struct network_if *nic)
{
	bool by_mac = !strncmp(nic->name, "mac=", 4) || !strncmp(nic->name, "mac:", 4);
	char mac[24];

	if (by_mac && network_mac(nic->name + 4, true, mac))
		nic->match.mac = doc_strdup(net->p, mac, strlen(mac));
	else if (by_mac)
		doc_say(net->p, true, nic->at, "\"%.40s\" is no MAC address", nic->name + 4);
	else if (strpbrk(nic->name, "*?["))
		nic->match.name = nic->name;
}

static struct network_if *add(struct network *net, const char *name, struct doc_origin at)
{
	struct network_if **ifs =
		network_grow(net->p, net->ifs, net->n, sizeof(struct network_if *));
	struct network_if *nic = doc_alloc(net->p, sizeof(*nic));

	name = doc_strdup(net->p, name, strlen(name));
	if (!ifs || !nic || !name) {
		doc_say(net->p, true, at, "more than %d interfaces: ignored", NETWORK_IFS);
		return NULL;
	}
	*nic = (struct network_if){
		.name = name, .at = at, .mtu = NETWORK_UNSET, .route_metric = NETWORK_UNSET
	};
	nic->vlan.id = NETWORK_UNSET;
	match_by_name(net, nic);
	net->ifs = ifs;
	net->ifs[net->n++] = nic;
	return nic;
}

struct network_if *network_get(struct network *net, const char *name, struct doc_origin at)
{
	struct network_if *nic = network_find(net, name);

	if (nic)
		return nic;
	if (!network_is_name(name) || strlen(name) > NAME_MAX_LEN) {
		doc_say(net->p, true, at, "\"%.40s\" is no name of an interface: ignored", name);
		return NULL;
	}
	return add(net, name, at);
}

/* --- settling --- */

static const char *final_name(const struct network *net, const char *id)
{
	for (size_t i = 0; i < net->n; i++)
		if (net->ifs[i]->id && !strcmp(net->ifs[i]->id, id))
			return net->ifs[i]->name;
	return id;
}

static void settle_names(struct network *net, struct network_if *nic)
{
	struct network_group *groups[] = { &nic->bond, &nic->bridge };

	for (size_t g = 0; g < ARRAY_LEN(groups); g++)
		for (size_t i = 0; i < groups[g]->interfaces.n; i++)
			groups[g]->interfaces.item[i] =
				final_name(net, groups[g]->interfaces.item[i]);
	if (nic->vlan.link)
		nic->vlan.link = final_name(net, nic->vlan.link);
}

/* Number and link are one thing: two entries with the same name may have left half of each. */
static void settle_vlan(struct network *net, struct network_if *nic)
{
	if (nic->vlan.id != NETWORK_UNSET && nic->vlan.link)
		return;
	if (nic->vlan.id != NETWORK_UNSET)
		doc_say(net->p, true, nic->at,
			"%s: a VLAN needs the link that it is on: none is made", nic->name);
	nic->vlan.id = NETWORK_UNSET;
	nic->vlan.link = NULL;
}

static bool is_plain_default(const struct network_route *r, bool v6)
{
	return network_is_default(r->to) && network_is_v6(r->to) == v6 && r->via &&
	       r->table == NETWORK_UNSET;
}

static void remove_route(struct network_if *nic, size_t i)
{
	memmove(&nic->route[i], &nic->route[i + 1],
		(nic->n_routes - i - 1) * sizeof(nic->route[0]));
	nic->n_routes--;
}

/* One default route without metric and table is the gateway; an old-style gateway beside an
 * explicit route gives way. */
static void settle_gateway(struct network *net, struct network_if *nic, bool v6)
{
	const char **gateway = v6 ? &nic->gateway_ipv6 : &nic->gateway;
	const struct network_route *r;

	for (size_t i = 0; i < nic->n_routes; i++) {
		r = &nic->route[i];
		if (!is_plain_default(r, v6))
			continue;
		if (*gateway && nic->gateway_is_old) {
			if (strcmp(*gateway, r->via) != 0)
				doc_say(net->p, false, nic->at,
					"%s: the default route via %s wins over the gateway %s",
					nic->name, r->via, *gateway);
			*gateway = NULL;
		}
		if (*gateway || r->metric != NETWORK_UNSET || r->mtu != NETWORK_UNSET)
			continue;
		*gateway = r->via;
		remove_route(nic, i);
		return;
	}
}

/* Which interface has the machine's default route is not for chance to decide. */
static void warn_about_two(struct network *net, bool v6)
{
	const struct network_if *first = NULL;

	for (size_t i = 0; i < net->n; i++) {
		const struct network_if *nic = net->ifs[i];

		if (!(v6 ? nic->gateway_ipv6 : nic->gateway))
			continue;
		if (first)
			doc_say(net->p, false, nic->at,
				"%s and %s both have a default route: that of %s is used (give the "
				"other a route with a metric)",
				first->name, nic->name, first->name);
		else
			first = nic;
	}
}

void network_settle(struct network *net)
{
	for (size_t i = 0; i < net->n; i++) {
		settle_names(net, net->ifs[i]);
		settle_vlan(net, net->ifs[i]);
		settle_gateway(net, net->ifs[i], false);
		settle_gateway(net, net->ifs[i], true);
	}
	warn_about_two(net, false);
	warn_about_two(net, true);
}
