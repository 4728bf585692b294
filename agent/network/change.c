/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compares links; change_route.c compares what is on them.
 */
#include "agent/network/change.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/network/change_route.h"
#include "agent/network/kernel_option.h"

static void add_text(struct change_list *l, enum change_kind kind, const char *link,
		     const char *key, const char *text)
{
	struct change *c = change_list_add(l, kind, link);

	if (!c)
		return;
	(void)snprintf(c->key, sizeof(c->key), "%s", key);
	(void)snprintf(c->text, sizeof(c->text), "%s", text);
}

static void add_number(struct change_list *l, enum change_kind kind, const char *link,
		       const char *key, int64_t number)
{
	struct change *c = change_list_add(l, kind, link);

	if (!c)
		return;
	(void)snprintf(c->key, sizeof(c->key), "%s", key);
	c->number = number;
}

static const char *name_at(const struct state *s, int index)
{
	const struct state_link *l = state_link_at(s, index);

	return l ? l->name : "";
}

/* --- links that are made --- */

static int64_t option_now(const struct state_link *link, const char *name)
{
	for (size_t i = 0; link && i < link->n_options; i++)
		if (!strcmp(link->option[i].name, name))
			return link->option[i].value;
	return -1;
}

/* An option is another one that only a new link can have. */
static bool is_made_otherwise(const struct want *w)
{
	const struct network_group *g = &w->nic->bond;

	for (size_t i = 0; i < g->n_options; i++) {
		const struct kernel_option *o = kernel_option_find("bond", g->option[i].name);
		int64_t value, now = option_now(w->link, g->option[i].name);

		if (o && o->made && now >= 0 &&
		    kernel_option_value(o, g->option[i].value, &value) && value != now)
			return true;
	}
	return false;
}

/* A link of that name that cannot become what is wanted. */
static bool is_another(const struct want *w, const struct state *s)
{
	const struct state_link *l = w->link;

	if (strcmp(l->kind, w->kind) != 0 || is_made_otherwise(w))
		return true;
	return !strcmp(w->kind, "vlan") &&
	       (l->vlan_id != w->nic->vlan.id || strcmp(name_at(s, l->lower), w->lower) != 0);
}

static void make_link(struct network *net, const struct want *w, const struct state *s,
		      struct change_list *l)
{
	struct change *c;

	if (!w->kind[0] || (w->link && !is_another(w, s)))
		return;
	if (w->link && !w->link->ours) {
		doc_say(net->p, true, w->nic->at, "%s is there already, and is no %s of ours",
			w->name, w->kind);
		return;
	}
	if (w->link)
		(void)change_list_add(l, CHANGE_LINK_DEL, w->name);
	c = change_list_add(l, CHANGE_LINK_ADD, w->name);
	if (c)
		c->want = w;
}

/* --- attributes --- */

/* Options that name members are set once those are in. */
static bool names_member(const struct kernel_option *o)
{
	return o && o->size == 0;
}

static void set_options(const struct want *w, const struct state *s, const char *kind,
			const struct network_group *g, bool members, struct change_list *l)
{
	for (size_t i = 0; g->is && i < g->n_options; i++) {
		const struct network_option *opt = &g->option[i];
		const struct kernel_option *o = kernel_option_find(kind, opt->name);
		int64_t value, now = option_now(w->link, opt->name);

		if (!o || names_member(o) != members || o->made)
			continue;
		if (members ? !strcmp(name_at(s, (int)now), opt->value)
			    : !kernel_option_value(o, opt->value, &value) || value == now)
			continue;
		add_text(l, CHANGE_OPTION, w->name, opt->name, opt->value);
	}
}

static void set_own(const struct want *w, struct change_list *l)
{
	const struct network_if *nic = w->nic;

	if (nic->mac_address && (!w->link || strcmp(w->link->mac, nic->mac_address) != 0))
		add_text(l, CHANGE_MAC, w->name, "", nic->mac_address);
	if (nic->wakeonlan != NETWORK_FLAG_UNSET && w->link && !w->kind[0] &&
	    w->link->wakes != (nic->wakeonlan == NETWORK_YES))
		add_number(l, CHANGE_WAKE, w->name, "", nic->wakeonlan == NETWORK_YES);
}

/* Masters: in, out, or over to another one. */
static void set_master(const struct want *w, const struct state *s, struct change_list *l)
{
	const struct state_link *master = w->link ? state_link_at(s, w->link->master) : NULL;
	const char *now = master ? master->name : "";

	if (!strcmp(now, w->master) || (!w->master[0] && !master->ours))
		return;
	add_text(l, CHANGE_MASTER, w->name, "", w->master);
}

static void set_mtu(const struct want *w, struct change_list *l)
{
	if (w->nic->mtu != NETWORK_UNSET && (!w->link || w->link->mtu != w->nic->mtu))
		add_number(l, CHANGE_MTU, w->name, "", w->nic->mtu);
}

/* Advertisements are the kernel's business where dhcpcd has none: also when Docker makes the
 * machine a router. */
static void set_sysctls(const struct want *w, struct change_list *l)
{
	const struct network_if *nic = w->nic;
	int ra = nic->accept_ra == NETWORK_NO || w->master[0] ? 0 : 2;
	int temporary = nic->privacy == NETWORK_YES ? 2 : 0;

	if (!w->link || !w->link->promotes)
		add_number(l, CHANGE_SYSCTL, w->name, "ipv4/conf/%s/promote_secondaries", 1);
	if (!w->dynamic && (!w->link || (w->link->accept_ra >= 0 && w->link->accept_ra != ra)))
		add_number(l, CHANGE_SYSCTL, w->name, "ipv6/conf/%s/accept_ra", ra);
	if (nic->privacy != NETWORK_FLAG_UNSET &&
	    (!w->link || (w->link->use_tempaddr >= 0 && w->link->use_tempaddr != temporary)))
		add_number(l, CHANGE_SYSCTL, w->name, "ipv6/conf/%s/use_tempaddr", temporary);
}

/* "eth0=50 eth1=60" of a bridge, as steps on its members. */
static void set_ports(const struct want *w, const char *option, struct change_list *l)
{
	const char *s = network_option(&w->nic->bridge, option);

	/* A port's cost is not read back: it is set when its bridge is made or changed. */
	while (s && *s && !w->link) {
		size_t name = strcspn(s, "="), end = strcspn(s, " ");
		char link[NETWORK_NAME], value[32];

		if (name < end && name < sizeof(link) && end - name - 1 < sizeof(value)) {
			(void)snprintf(link, sizeof(link), "%.*s", (int)name, s);
			(void)snprintf(value, sizeof(value), "%.*s", (int)(end - name - 1),
				       s + name + 1);
			add_text(l, CHANGE_PORT, link, option, value);
		}
		s += end + strspn(s + end, " ");
	}
}

static bool is_wanted(const struct want_list *want, const struct state_link *link)
{
	for (size_t i = 0; i < want->n; i++)
		if (want->w[i].link == link)
			return true;
	return false;
}

static void remove_links(const struct want_list *want, const struct state *s, struct change_list *l)
{
	for (size_t i = 0; i < s->n_links; i++)
		if (s->links[i].ours && s->links[i].kind[0] && !is_wanted(want, &s->links[i]))
			(void)change_list_add(l, CHANGE_LINK_DEL, s->links[i].name);
}

/* By index: two links may change their names for one another's. */
static void rename_link(const struct want *w, struct change_list *l)
{
	struct change *c;

	if (!w->link || !strcmp(w->link->name, w->name) || w->kind[0])
		return;
	c = change_list_add(l, CHANGE_RENAME, w->link->name);
	if (!c)
		return;
	c->number = w->link->index;
	(void)snprintf(c->text, sizeof(c->text), "%s", w->name);
}

static void plan_links(struct network *net, const struct want_list *want, const struct state *s,
		       struct change_list *l)
{
	for (size_t i = 0; i < want->n; i++)
		rename_link(&want->w[i], l);
	for (size_t i = 0; i < want->n; i++)
		make_link(net, &want->w[i], s, l);
	for (size_t i = 0; i < want->n; i++) {
		const struct want *w = &want->w[i];

		set_own(w, l);
		set_options(w, s, "bond", &w->nic->bond, false, l);
		set_options(w, s, "bridge", &w->nic->bridge, false, l);
	}
	for (size_t i = 0; i < want->n; i++)
		set_master(&want->w[i], s, l);
	for (size_t i = 0; i < want->n; i++)
		set_mtu(&want->w[i], l);
	for (size_t i = 0; i < want->n; i++) {
		const struct want *w = &want->w[i];

		set_options(w, s, "bond", &w->nic->bond, true, l);
		set_ports(w, "path_cost", l);
		set_ports(w, "port_priority", l);
		set_sysctls(w, l);
		if (!w->link || !w->link->up)
			(void)change_list_add(l, CHANGE_UP, w->name);
	}
}

int change_plan(struct network *net, const struct want_list *want, const struct state *s,
		struct change_list *ret, struct error *err)
{
	*ret = (struct change_list){ 0 };
	plan_links(net, want, s, ret);
	change_route_plan(want, s, ret);
	remove_links(want, s, ret);
	if (ret->n >= CHANGE_MAX)
		return error_set(err, E2BIG, "more than %d changes to the network", CHANGE_MAX);
	return 0;
}
