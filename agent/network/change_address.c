/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compares addresses.
 */
#include "agent/network/change_address.h"

#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

#include "agent/network/address.h"

static const char *plain(const char *cidr, char *ret)
{
	(void)snprintf(ret, NETWORK_ADDRESS, "%.*s", (int)strcspn(cidr, "/"), cidr);
	return ret;
}

static const struct state_address *find_address(const struct state *s, const struct want *w,
						const char *cidr)
{
	for (size_t i = 0; w->link && i < s->n_addresses; i++)
		if (s->addresses[i].link == w->link->index && !strcmp(s->addresses[i].cidr, cidr))
			return &s->addresses[i];
	return NULL;
}

/* A lease's address ends with the lease, and the route to its network leaves with dhcpcd: it is not
 * the same as a static one. */
static bool is_static(const struct state_address *a)
{
	return a->ours || (a->permanent && !a->bare);
}

static void add_addresses(const struct want *w, const struct state *s, struct change_list *out)
{
	for (size_t i = 0; i < w->nic->addresses.n && !w->master[0]; i++) {
		const char *cidr = w->nic->addresses.item[i];
		const struct state_address *a = find_address(s, w, cidr);
		struct change *c;

		if (a && (w->dynamic || is_static(a)))
			continue;
		c = change_list_add(out, CHANGE_ADDRESS_ADD, w->name);
		if (!c)
			return;
		c->number = !a        ? CHANGE_ADDRESS_NEW
			    : a->bare ? CHANGE_ADDRESS_BARE
				      : CHANGE_ADDRESS_TAKEN;
		(void)snprintf(c->text, sizeof(c->text), "%s", cidr);
	}
}

void change_address_add(const struct want_list *want, const struct state *s,
			struct change_list *out)
{
	for (size_t i = 0; i < want->n; i++)
		add_addresses(&want->w[i], s, out);
}

static bool address_is_wanted(const struct want *w, const struct state_address *a)
{
	return !w->master[0] && network_has_text(&w->nic->addresses, a->cidr);
}

static bool hears_advertisements(const struct want *w)
{
	return w->nic->accept_ra != NETWORK_NO && !w->master[0];
}

/* As DHCPv6 gives them; advertised networks are larger. */
static bool is_host(const struct state_address *a)
{
	size_t len = strlen(a->cidr);

	return len > 4 && !strcmp(a->cidr + len - 4, "/128");
}

/* Where advertisements are still heard, what came of them stays: the kernel goes on with what
 * dhcpcd began. */
static bool address_goes(const struct want *w, const struct state_address *a)
{
	if (!w || a->ours)
		return a->ours && !(w && address_is_wanted(w, a));
	if (address_is_wanted(w, a) || (a->kernel && !a->advertised))
		return false;
	if (!hears_advertisements(w) && (a->advertised || !w->dynamic))
		return true;
	return !w->dynamic && (a->permanent || !network_is_v6(a->cidr) || is_host(a));
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

void change_address_remove(const struct want_list *want, const struct state *s,
			   struct change_list *out)
{
	for (size_t i = 0; i < s->n_addresses; i++) {
		const struct state_address *a = &s->addresses[i];
		const struct state_link *link = state_link_at(s, a->link);
		const struct want *w = want_at(want, s, a->link);
		struct change *c;

		if (!link || link->loopback || !address_goes(w, a) || carries_route(s, a, out))
			continue;
		c = change_list_add(out, CHANGE_ADDRESS_DEL, w ? w->name : link->name);
		if (c)
			(void)snprintf(c->text, sizeof(c->text), "%s", a->cidr);
	}
}
