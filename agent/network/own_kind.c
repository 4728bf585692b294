/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bonds, bridges and VLANs in RancherOS' short ways and in the model's own.
 */
#include "agent/network/own_kind.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "agent/network/option.h"
#include "agent/network/put.h"

static void put_options(struct network *net, struct network_if *nic, const struct doc_node *map,
			void (*option)(struct network *, struct network_if *, const char *,
				       const struct doc_node *))
{
	for (size_t i = 0; map && map->kind == DOC_MAP && i < map->len; i++)
		option(net, nic, map->pairs[i].key, map->pairs[i].val);
}

static struct network_group *group_of(struct network_if *nic, bool is_bond)
{
	return is_bond ? &nic->bond : &nic->bridge;
}

/* {interfaces, options}, or the name of the group that this interface is a member of. */
static void put_group(struct network *net, struct network_if *nic, const struct doc_node *n,
		      bool is_bond)
{
	struct network_group *g = group_of(nic, is_bond);
	const char *master = network_text(n);
	struct network_if *group;

	if (n && n->kind == DOC_MAP) {
		const struct doc_node *members = doc_key(n, "interfaces");

		g->is = true;
		for (size_t i = 0; members && members->kind == DOC_SEQ && i < members->len; i++)
			if (network_text(members->items[i]))
				(void)network_add_text(net->p, &g->interfaces,
						       members->items[i]->text);
		put_options(net, nic, doc_key(n, "options"),
			    is_bond ? network_put_bond_option : network_put_bridge_own);
		return;
	}
	if (!master || !strcasecmp(master, "false") || !strcasecmp(master, "no"))
		return;
	if (!strcasecmp(master, "true") || !strcasecmp(master, "yes")) {
		g->is = true;
		return;
	}
	group = network_get(net, master, n->origin);
	if (!group)
		return;
	g = group_of(group, is_bond);
	g->is = true;
	(void)network_add_text(net->p, &g->interfaces, nic->name);
}

/* One of "100" and "100:name". */
static void add_vlan(struct network *net, const struct network_if *nic, const char *word,
		     struct doc_origin at)
{
	char name[80], *end;
	long id = strtol(word, &end, 10);
	struct network_if *vlan;

	if (end == word || (*end && *end != ':') || id < 0 || id > 4094) {
		doc_say(net->p, true, at, "\"%.40s\" is no VLAN (\"ID\" or \"ID:NAME\"): ignored",
			word);
		return;
	}
	(void)snprintf(name, sizeof(name), "%.60s.%ld", nic->name, id);
	vlan = network_get(net, *end == ':' && end[1] ? end + 1 : name, at);
	if (!vlan)
		return;
	if (vlan->vlan.id != NETWORK_UNSET && vlan->vlan.id != id) {
		doc_say(net->p, true, at, "%.40s is VLAN %d already: VLAN %ld is ignored",
			vlan->name, (int)vlan->vlan.id, id);
		return;
	}
	vlan->vlan.id = id;
	vlan->vlan.link = nic->name;
}

void own_kind_put_vlans(struct network *net, struct network_if *nic, const struct doc_node *n)
{
	const char *text = network_text(n), *word;

	for (size_t i = 0; n && n->kind == DOC_SEQ && i < n->len; i++)
		if (network_text(n->items[i]))
			add_vlan(net, nic, n->items[i]->text, n->items[i]->origin);
	while ((word = network_next_word(net->p, &text, ", ")))
		add_vlan(net, nic, word, n->origin);
}

static void put_vlan(struct network *net, struct network_if *nic, const struct doc_node *n)
{
	int64_t id;

	if (!n || n->kind != DOC_MAP)
		return;
	id = network_number(net->p, doc_key(n, "id"), 0, 4094);
	nic->vlan.link = network_text(doc_key(n, "link"));
	if (id == NETWORK_UNSET || !nic->vlan.link)
		doc_say(net->p, true, n->origin, "a VLAN needs id and link: ignored");
	else
		nic->vlan.id = id;
}

void own_kind_put(struct network *net, struct network_if *nic, const struct doc_node *n)
{
	put_group(net, nic, doc_key(n, "bond"), true);
	put_group(net, nic, doc_key(n, "bridge"), false);
	put_options(net, nic, doc_key(n, "bond_opts"), network_put_bond_option);
	put_vlan(net, nic, doc_key(n, "vlan"));
}
