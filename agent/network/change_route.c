/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compares addresses, routes and rules.
 */
#include "agent/network/change_route.h"

#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

#include "agent/network/address.h"

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

/* --- routes --- */

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

static const struct want *want_of(const struct want_list *want, const struct state *s, int index)
{
	const struct state_link *link = state_link_at(s, index);

	for (size_t i = 0; link && i < want->n; i++)
		if (want->w[i].link == link)
			return &want->w[i];
	return NULL;
}

/* Ours, or left behind by a dhcpcd that has nothing to do with the link any more. */
static bool is_removable(const struct want_list *want, const struct state *s,
			 const struct state_route *r)
{
	const struct want *w = want_of(want, s, r->link);

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

static bool lease_is_awaited(const struct want_list *want)
{
	for (size_t i = 0; i < want->n; i++)
		if (want->w[i].dynamic && want->w[i].link && want->w[i].link->carrier)
			return true;
	return false;
}

/* The last default route stays until DHCP has given another one. */
static bool stays(const struct routes *l, const struct want_list *want, const struct state *s,
		  const struct state_route *r)
{
	bool v6 = network_is_v6(r->to);

	return is_main_default(r, v6) && lease_is_awaited(want) && !default_stands(l, want, s, v6);
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

/* --- addresses --- */

static const char *plain(const char *cidr, char *ret)
{
	(void)snprintf(ret, NETWORK_ADDRESS, "%.*s", (int)strcspn(cidr, "/"), cidr);
	return ret;
}

/* A lease's address ends with the lease: it is not the same as a static one. */
static bool has_address(const struct state *s, const struct want *w, const char *cidr)
{
	for (size_t i = 0; w->link && i < s->n_addresses; i++)
		if (s->addresses[i].link == w->link->index && !strcmp(s->addresses[i].cidr, cidr))
			return s->addresses[i].permanent || w->dynamic;
	return false;
}

static void add_addresses(const struct want *w, const struct state *s, struct change_list *out)
{
	for (size_t i = 0; i < w->nic->addresses.n && !w->master[0]; i++) {
		struct change *c;

		if (has_address(s, w, w->nic->addresses.item[i]))
			continue;
		c = change_list_add(out, CHANGE_ADDRESS_ADD, w->name);
		if (c)
			(void)snprintf(c->text, sizeof(c->text), "%s", w->nic->addresses.item[i]);
	}
}

static bool address_is_wanted(const struct want *w, const struct state_address *a)
{
	return !w->master[0] && network_has_text(&w->nic->addresses, a->cidr);
}

static bool address_goes(const struct want *w, const struct state_address *a)
{
	if (!w)
		return a->ours;
	if (address_is_wanted(w, a) || a->kernel)
		return false;
	return a->ours || (!w->dynamic && (a->permanent || !network_is_v6(a->cidr)));
}

/* The address that a default route that stays needs. */
static bool carries_route(const struct state *s, const struct state_address *a,
			  const struct change_list *out)
{
	char host[NETWORK_ADDRESS];

	if (!out->waits || !network_contains(a->cidr, plain(a->cidr, host)))
		return false;
	for (size_t i = 0; i < s->n_routes; i++)
		if (s->routes[i].link == a->link && network_is_default(s->routes[i].to) &&
		    s->routes[i].table == RT_TABLE_MAIN &&
		    network_contains(a->cidr, s->routes[i].via))
			return true;
	return false;
}

static void remove_addresses(const struct want_list *want, const struct state *s,
			     struct change_list *out)
{
	for (size_t i = 0; i < s->n_addresses; i++) {
		const struct state_address *a = &s->addresses[i];
		const struct state_link *link = state_link_at(s, a->link);
		const struct want *w = want_of(want, s, a->link);
		struct change *c;

		if (!link || link->loopback || !address_goes(w, a) || carries_route(s, a, out))
			continue;
		c = change_list_add(out, CHANGE_ADDRESS_DEL, w ? w->name : link->name);
		if (c)
			(void)snprintf(c->text, sizeof(c->text), "%s", a->cidr);
	}
}

/* --- rules --- */

static uint32_t or_zero(int64_t n)
{
	return n == NETWORK_UNSET ? 0 : (uint32_t)n;
}

static struct state_rule wanted_rule(const struct network_rule *r)
{
	const char *any = r->from ? r->from : r->to;
	struct state_rule out = { .v6 = any && network_is_v6(any),
				  .ours = true,
				  .table = or_zero(r->table),
				  .priority = or_zero(r->priority),
				  .mark = or_zero(r->mark) };

	(void)snprintf(out.from, sizeof(out.from), "%s", r->from ? r->from : "");
	(void)snprintf(out.to, sizeof(out.to), "%s", r->to ? r->to : "");
	return out;
}

/* A rule without a priority gets one from the kernel. */
static bool same_rule(const struct state_rule *want, const struct state_rule *is)
{
	return is->ours && want->v6 == is->v6 && !strcmp(want->from, is->from) &&
	       !strcmp(want->to, is->to) && want->table == is->table && want->mark == is->mark &&
	       (!want->priority || want->priority == is->priority);
}

static bool has_rule(const struct state *s, const struct state_rule *r)
{
	for (size_t i = 0; i < s->n_rules; i++)
		if (same_rule(r, &s->rules[i]))
			return true;
	return false;
}

static bool rule_is_wanted(const struct want_list *want, const struct state_rule *is)
{
	for (size_t i = 0; i < want->n; i++)
		for (size_t k = 0; k < want->w[i].nic->n_rules; k++) {
			struct state_rule r = wanted_rule(&want->w[i].nic->rule[k]);

			if (same_rule(&r, is))
				return true;
		}
	return false;
}

static void plan_rules(const struct want_list *want, const struct state *s, struct change_list *out)
{
	struct change *c;

	for (size_t i = 0; i < want->n; i++)
		for (size_t k = 0; k < want->w[i].nic->n_rules; k++) {
			struct state_rule r = wanted_rule(&want->w[i].nic->rule[k]);

			c = has_rule(s, &r)
				    ? NULL
				    : change_list_add(out, CHANGE_RULE_ADD, want->w[i].name);
			if (c)
				c->rule = r;
		}
	for (size_t i = 0; i < s->n_rules; i++) {
		if (!s->rules[i].ours || rule_is_wanted(want, &s->rules[i]))
			continue;
		c = change_list_add(out, CHANGE_RULE_DEL, "");
		if (c)
			c->rule = s->rules[i];
	}
}

void change_route_plan(const struct want_list *want, const struct state *s, struct change_list *l)
{
	AUTO_FREE struct wanted *all = calloc(ROUTES_MAX, sizeof(*all));
	struct routes routes = { .all = all };

	if (!all)
		return;
	gather(want, &routes);
	for (size_t i = 0; i < want->n; i++)
		add_addresses(&want->w[i], s, l);
	add_routes(&routes, s, l);
	plan_rules(want, s, l);
	remove_routes(&routes, want, s, l);
	remove_addresses(want, s, l);
}
