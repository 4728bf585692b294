/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Gives each interface of the model its links.
 */
#include "agent/network/want.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/network/match.h"

#define FALLBACK "eth*"

bool want_is_dynamic(const struct network_if *nic)
{
	return nic->dhcp == NETWORK_YES || nic->dhcp6 == NETWORK_YES ||
	       nic->accept_ra == NETWORK_YES || nic->ipv4ll == NETWORK_YES;
}

const struct want *want_find(const struct want_list *l, const char *name)
{
	for (size_t i = 0; i < l->n; i++)
		if (!strcmp(l->w[i].name, name))
			return &l->w[i];
	return NULL;
}

const struct want *want_at(const struct want_list *want, const struct state *s, int index)
{
	const struct state_link *link = state_link_at(s, index);

	for (size_t i = 0; link && i < want->n; i++)
		if (want->w[i].link == link)
			return &want->w[i];
	return NULL;
}

static bool is_made(const struct network_if *nic)
{
	return nic->bond.is || nic->bridge.is || nic->vlan.id != NETWORK_UNSET;
}

static const char *kind_of(const struct network_if *nic)
{
	return nic->bond.is ? "bond" : nic->bridge.is ? "bridge" : "vlan";
}

static struct want *add(struct want_list *l, const struct network_if *nic, const char *name)
{
	struct want *w;

	if (l->n == WANT_MAX)
		return NULL;
	w = &l->w[l->n++];
	*w = (struct want){ .nic = nic, .kind = "", .dynamic = want_is_dynamic(nic) };
	(void)snprintf(w->name, sizeof(w->name), "%.15s", name);
	return w;
}

static struct want *find_want(struct want_list *l, const struct network_if *nic)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->w[i].nic == nic)
			return &l->w[i];
	return NULL;
}

static bool is_used(const struct want_list *l, const struct network_if *nic)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->w[i].nic == nic)
			return true;
	return false;
}

static void add_link(const struct network *net, struct want_list *l, const struct state_link *link)
{
	const struct network_if *best = NULL;
	struct want *w;
	int best_rank = 0;

	for (size_t i = 0; i < net->n; i++) {
		int r = is_made(net->ifs[i]) ? 0 : match_rank(net->ifs[i], link);

		if (r <= best_rank)
			continue;
		best = net->ifs[i];
		best_rank = r;
	}
	if (!best || link->loopback)
		return;
	/* Cards of one machine may have the same address: what was meant is configured once. */
	w = best->match.mac && !strpbrk(best->match.mac, "*?[") ? find_want(l, best) : NULL;
	if (w) {
		(void)snprintf(w->twin, sizeof(w->twin), "%.15s", link->name);
		return;
	}
	/* Only one link can get the name. */
	w = add(l, best, best->set_name && !is_used(l, best) ? best->set_name : link->name);
	if (w)
		w->link = link;
}

static struct want *find_nic(struct want_list *l, const char *name)
{
	for (size_t i = 0; i < l->n; i++)
		if (!strcmp(l->w[i].nic->name, name))
			return &l->w[i];
	for (size_t i = 0; i < l->n; i++)
		if (!strcmp(l->w[i].name, name))
			return &l->w[i];
	return NULL;
}

/* "mac=….100" is called after the link that is meant. */
static void name_vlan(struct want_list *l, const struct network_if *nic, char ret[NETWORK_NAME],
		      char lower[NETWORK_NAME])
{
	const struct want *on = find_nic(l, nic->vlan.link);
	size_t len = strlen(nic->vlan.link);

	(void)snprintf(lower, NETWORK_NAME, "%.15s", on ? on->name : nic->vlan.link);
	if (on && !strncmp(nic->name, nic->vlan.link, len) && nic->name[len] == '.')
		(void)snprintf(ret, NETWORK_NAME, "%.10s.%d", on->name, (int)nic->vlan.id);
	else
		(void)snprintf(ret, NETWORK_NAME, "%.15s", nic->name);
}

/* Cut, it would be another one's. A VLAN that is named after its link has a name of ours. */
static bool may_be_made(struct network *net, const struct network_if *nic, const char *name)
{
	const char *dot = strrchr(name, '.');

	if (!strcmp(name, nic->name) && !strchr(name, ':'))
		return true;
	if (nic->vlan.id != NETWORK_UNSET && dot && strtol(dot + 1, NULL, 10) == nic->vlan.id)
		return true;
	doc_say(net->p, true, nic->at,
		"%.64s: the name of a link has 15 characters at most, and no \":\": it is not made",
		nic->name);
	return false;
}

static void add_made(struct network *net, const struct state *s, struct want_list *l)
{
	for (int vlans = 0; vlans < 2; vlans++) {
		for (size_t i = 0; i < net->n; i++) {
			const struct network_if *nic = net->ifs[i];
			char name[NETWORK_NAME], lower[NETWORK_NAME] = "";
			struct want *w;

			if (!is_made(nic) || (nic->vlan.id != NETWORK_UNSET) != vlans)
				continue;
			(void)snprintf(name, sizeof(name), "%.15s", nic->name);
			if (vlans)
				name_vlan(l, nic, name, lower);
			if (!may_be_made(net, nic, name))
				continue;
			w = add(l, nic, name);
			if (!w)
				return;
			w->kind = kind_of(nic);
			w->link = state_find_link(s, name);
			memcpy(w->lower, lower, sizeof(lower));
		}
	}
}

/* A member that has no entry of its own is one all the same. */
static void add_bare(struct network *net, const struct state *s, struct want_list *l,
		     const char *name, const char *master)
{
	const struct state_link *link = state_find_link(s, name);
	struct network_if *nic;
	struct want *w;

	if (!link || want_find(l, link->name))
		return;
	nic = network_get(net, link->name, (struct doc_origin){ 0 });
	w = nic ? add(l, nic, link->name) : NULL;
	if (!w)
		return;
	w->link = link;
	(void)snprintf(w->master, sizeof(w->master), "%s", master);
}

static void join(struct network *net, const struct state *s, struct want_list *l,
		 const struct network_group *g, const char *master)
{
	for (size_t i = 0; i < g->interfaces.n; i++) {
		const char *member = g->interfaces.item[i];
		bool found = false;

		for (size_t k = 0; k < l->n; k++) {
			struct want *w = &l->w[k];

			if (strcmp(w->nic->name, member) != 0 && fnmatch(member, w->name, 0) != 0)
				continue;
			found = true;
			if (strcmp(w->name, master) != 0)
				(void)snprintf(w->master, sizeof(w->master), "%s", master);
		}
		if (!found)
			add_bare(net, s, l, member, master);
	}
}

static void join_all(struct network *net, const struct state *s, struct want_list *l)
{
	size_t n = l->n;

	for (size_t i = 0; i < n; i++) {
		char name[NETWORK_NAME];

		memcpy(name, l->w[i].name, sizeof(name));
		if (l->w[i].nic->bond.is)
			join(net, s, l, &l->w[i].nic->bond, name);
		if (l->w[i].nic->bridge.is)
			join(net, s, l, &l->w[i].nic->bridge, name);
	}
}

/* Whether everything that w stands on is among the first n. */
static bool stands(const struct want_list *l, size_t n, const struct want *w)
{
	for (size_t i = n; i < l->n; i++) {
		const struct want *other = &l->w[i];

		if (other != w &&
		    (!strcmp(other->master, w->name) || !strcmp(other->name, w->lower)))
			return false;
	}
	return true;
}

/* What stands on others comes behind them; a circle stays as it is. */
static void sort(struct want_list *l)
{
	for (size_t n = 0; n < l->n; n++) {
		size_t i = n;
		struct want w;

		while (i < l->n && !stands(l, n, &l->w[i]))
			i++;
		if (i == l->n || i == n)
			continue;
		w = l->w[i];
		memmove(&l->w[n + 1], &l->w[n], (i - n) * sizeof(w));
		l->w[n] = w;
	}
}

void want_report(struct network *net, const struct want_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->w[i].twin[0])
			doc_say(net->p, false, l->w[i].nic->at,
				"%s: %s is %s, too, and is left alone (match it by its name)",
				l->w[i].nic->name, l->w[i].twin, l->w[i].nic->match.mac);
	for (size_t i = 0; i < net->n; i++) {
		const struct network_if *nic = net->ifs[i];
		const char *what = nic->match.mac ? nic->match.mac : nic->name;

		if (is_used(l, nic) || nic->optional == NETWORK_YES ||
		    (!nic->match.mac &&
		     strpbrk(nic->match.name ? nic->match.name : nic->name, "*?[")) ||
		    !strcmp(nic->name, "lo"))
			continue;
		doc_say(net->p, false, nic->at, "%s: no link here is %s", nic->name, what);
	}
}

void want_resolve(struct network *net, const struct state *s, struct want_list *ret)
{
	struct network_if *all;

	ret->n = 0;
	if (!net->n && !net->disabled) {
		all = network_get(net, FALLBACK, (struct doc_origin){ 0 });
		if (all)
			all->dhcp = NETWORK_YES;
	}
	for (size_t i = 0; i < s->n_links; i++)
		add_link(net, ret, &s->links[i]);
	add_made(net, s, ret);
	join_all(net, s, ret);
	for (size_t i = 0; i < ret->n; i++)
		if (ret->w[i].master[0])
			ret->w[i].dynamic = false;
	sort(ret);
}
