/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compares routes, and puts addresses and rules into their order with them.
 */
#include "agent/network/change_route.h"

#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

#include "agent/network/address.h"
#include "agent/network/change_address.h"

/* What the kernel gives an IPv6 route without a metric. */
#define METRIC_V6 1024
/* A second default route stands behind the first. */
#define METRIC_SECOND 100
#define ROUTES_MAX    4096

/* A route that should be, with the link's name in place of its index. */
struct wanted {
	struct state_route r;
	const struct want *w;
};

struct routes {
	struct wanted *all;
	size_t n;
};

/* --- what should be --- */

static bool reached(const struct network_if *nic, const char *gateway)
{
	for (size_t i = 0; i < nic->addresses.n; i++)
		if (network_contains(nic->addresses.item[i], gateway))
			return true;
	return false;
}

/* Its network is not known: it is on the link, as people mean it who write that. */
static bool needs_on_link(const struct network_if *nic, const char *gateway)
{
	return gateway[0] && strncasecmp(gateway, "fe80:", 5) != 0 && !reached(nic, gateway);
}

static void add_wanted(struct routes *l, const struct want *w, const struct network_route *r)
{
	struct wanted *out = &l->all[l->n];
	bool v6 = network_is_v6(r->to);

	if (l->n == ROUTES_MAX)
		return;
	*out = (struct wanted){ .w = w };
	(void)snprintf(out->r.to, sizeof(out->r.to), "%s", r->to);
	(void)snprintf(out->r.via, sizeof(out->r.via), "%s", r->via ? r->via : "");
	out->r.table =
		r->table == NETWORK_UNSET || r->table == 0 ? RT_TABLE_MAIN : (uint32_t)r->table;
	out->r.metric = r->metric > 0 ? (uint32_t)r->metric : v6 ? METRIC_V6 : 0;
	out->r.mtu = r->mtu == NETWORK_UNSET ? 0 : (uint32_t)r->mtu;
	out->r.on_link = r->on_link == NETWORK_YES ||
			 (r->on_link == NETWORK_FLAG_UNSET && needs_on_link(w->nic, out->r.via));
	out->r.link = w->link ? w->link->index : -1;
	out->r.protocol = STATE_PROTOCOL;
	l->n++;
}

static bool has_default(const struct routes *l, const struct state_route *r)
{
	for (size_t i = 0; i < l->n; i++)
		if (!strcmp(l->all[i].r.to, r->to) && l->all[i].r.table == r->table &&
		    l->all[i].r.metric == r->metric)
			return true;
	return false;
}

static void add_gateway(struct routes *l, const struct want *w, const char *via, const char *to)
{
	struct network_route r = { .to = to,
				   .via = via,
				   .metric = NETWORK_UNSET,
				   .table = NETWORK_UNSET,
				   .mtu = NETWORK_UNSET };
	struct state_route first = { .table = RT_TABLE_MAIN,
				     .metric = network_is_v6(to) ? METRIC_V6 : 0 };
	uint32_t base = first.metric;

	if (!via || w->master[0])
		return;
	(void)snprintf(first.to, sizeof(first.to), "%s", to);
	while (has_default(l, &first) && first.metric < base + 100 * METRIC_SECOND)
		first.metric += METRIC_SECOND;
	if (first.metric != base)
		r.metric = first.metric;
	add_wanted(l, w, &r);
}

static void gather(const struct want_list *want, struct routes *l)
{
	for (size_t i = 0; i < want->n; i++) {
		const struct want *w = &want->w[i];

		add_gateway(l, w, w->nic->gateway, "0.0.0.0/0");
		add_gateway(l, w, w->nic->gateway_ipv6, "::/0");
		for (size_t k = 0; k < w->nic->n_routes && !w->master[0]; k++)
			add_wanted(l, w, &w->nic->route[k]);
	}
}

/* --- what is --- */

static bool same_key(const struct state_route *a, const struct state_route *b)
{
	return !strcmp(a->to, b->to) && a->table == b->table && a->metric == b->metric;
}

static bool same_route(const struct state_route *a, const struct state_route *b)
{
	return same_key(a, b) && !strcmp(a->via, b->via) && a->link == b->link &&
	       a->mtu == b->mtu && a->protocol == b->protocol && a->on_link == b->on_link;
}

static void add_routes(const struct routes *l, const struct state *s, struct change_list *out)
{
	for (size_t i = 0; i < l->n; i++) {
		struct change *c;
		size_t k = 0;

		while (k < s->n_routes && !same_route(&s->routes[k], &l->all[i].r))
			k++;
		if (k < s->n_routes)
			continue;
		c = change_list_add(out, CHANGE_ROUTE_ADD, l->all[i].w->name);
		if (c)
			c->route = l->all[i].r;
	}
}

static bool route_is_wanted(const struct routes *l, const struct state_route *r)
{
	for (size_t i = 0; i < l->n; i++)
		if (same_key(&l->all[i].r, r) && l->all[i].r.link == r->link)
			return true;
	return false;
}

/* Ours, or left behind by a dhcpcd that has nothing to do with the link any more. */
static bool is_removable(const struct want_list *want, const struct state *s,
			 const struct state_route *r)
{
	const struct want *w = want_at(want, s, r->link);

	if (r->protocol == STATE_PROTOCOL)
		return true;
	return w && !w->dynamic && r->table == RT_TABLE_MAIN &&
	       (r->protocol == RTPROT_DHCP || r->protocol == RTPROT_BOOT ||
		(r->protocol == RTPROT_RA && w->nic->accept_ra == NETWORK_NO));
}

static bool is_main_default(const struct state_route *r, bool v6)
{
	return network_is_default(r->to) && network_is_v6(r->to) == v6 &&
	       r->table == RT_TABLE_MAIN && r->via[0];
}

/* Some default route stands when all that goes is gone. */
static bool default_stands(const struct routes *l, const struct want_list *want,
			   const struct state *s, bool v6)
{
	for (size_t i = 0; i < l->n; i++)
		if (is_main_default(&l->all[i].r, v6))
			return true;
	for (size_t i = 0; i < s->n_routes; i++)
		if (is_main_default(&s->routes[i], v6) &&
		    (!is_removable(want, s, &s->routes[i]) || route_is_wanted(l, &s->routes[i])))
			return true;
	return false;
}

/* What an interface got from the network itself; `v4`: of IPv4. */
static bool was_answered(const struct state *s, int link, bool v4)
{
	for (size_t i = 0; i < s->n_addresses; i++) {
		const struct state_address *a = &s->addresses[i];

		if (a->link == link && !a->ours && (!a->kernel || a->advertised) &&
		    !(v4 && network_is_v6(a->cidr)))
			return true;
	}
	return false;
}

/* Some interface may still bring a default route of this family. One that has its lease of IPv4 and
 * heard no advertisement is on a network without IPv6. */
static bool lease_is_awaited(const struct want_list *want, const struct state *s, bool v6)
{
	for (size_t i = 0; i < want->n; i++) {
		const struct want *w = &want->w[i];

		if (w->dynamic && w->link && w->link->carrier &&
		    (v6 || w->nic->dhcp == NETWORK_YES) && !was_answered(s, w->link->index, !v6))
			return true;
	}
	return false;
}

/* The last default route stays until DHCP has given another one. */
static bool stays(const struct routes *l, const struct want_list *want, const struct state *s,
		  const struct state_route *r)
{
	bool v6 = network_is_v6(r->to);

	return is_main_default(r, v6) && lease_is_awaited(want, s, v6) &&
	       !default_stands(l, want, s, v6);
}

static void remove_routes(const struct routes *l, const struct want_list *want,
			  const struct state *s, struct change_list *out)
{
	for (size_t i = 0; i < s->n_routes; i++) {
		const struct state_route *r = &s->routes[i];
		const struct state_link *link = state_link_at(s, r->link);
		struct change *c;

		if (!is_removable(want, s, r) || route_is_wanted(l, r))
			continue;
		if (stays(l, want, s, r)) {
			out->waits = true;
			continue;
		}
		c = change_list_add(out, CHANGE_ROUTE_DEL, link ? link->name : "");
		if (c)
			c->route = *r;
	}
}

void change_route_plan(const struct want_list *want, const struct state *s, struct change_list *l)
{
	AUTO_FREE struct wanted *all = calloc(ROUTES_MAX, sizeof(*all));
	struct routes routes = { .all = all };

	if (!all)
		return;
	gather(want, &routes);
	change_address_add(want, s, l);
	add_routes(&routes, s, l);
	change_rule_plan(want, s, l);
	remove_routes(&routes, want, s, l);
	change_address_remove(want, s, l);
}
