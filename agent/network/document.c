/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes the model as a document.
 */
#include <string.h>

#include "agent/network/document.h"
#include "agent/network/field.h"
#include "lib/doc/tree.h"

struct writer {
	struct doc_pool *p;
	struct tree_pairs pairs;
	struct doc_origin at;
};

static void writer_done(struct writer *w)
{
	tree_pairs_done(&w->pairs);
}
#define AUTO_WRITER CLEANUP(writer_done)

static void put(struct writer *w, const char *key, const struct doc_node *val)
{
	struct doc_pair pair = { .key = key, .origin = w->at, .val = val };

	if (val)
		(void)!tree_pairs_add(&w->pairs, &pair);
}

static const struct doc_node *finish(struct writer *w)
{
	return tree_map(w->p, w->at, w->pairs.data, w->pairs.n, w->pairs.n);
}

static void put_text(struct writer *w, const char *key, const char *text)
{
	if (text)
		put(w, key, tree_str(w->p, w->at, text, strlen(text)));
}

static void put_number(struct writer *w, const char *key, int64_t n)
{
	if (n != NETWORK_UNSET)
		put(w, key, doc_new_int(w->p, w->at.source, n));
}

static void put_flag(struct writer *w, const char *key, enum network_flag f)
{
	if (f != NETWORK_FLAG_UNSET)
		put(w, key, doc_new_bool(w->p, w->at.source, f == NETWORK_YES));
}

static const struct doc_node *texts(struct writer *w, const struct network_texts *list)
{
	AUTO_ITEMS struct tree_items items = { 0 };

	for (size_t i = 0; i < list->n; i++) {
		const struct doc_node *n =
			tree_str(w->p, w->at, list->item[i], strlen(list->item[i]));

		if (!n || tree_items_add(&items, n) < 0)
			return NULL;
	}
	return tree_seq(w->p, w->at, items.data, items.n);
}

static void put_texts(struct writer *w, const char *key, const struct network_texts *list)
{
	if (list->n)
		put(w, key, texts(w, list));
}

static void put_match(struct writer *w, const struct network_if *nic)
{
	AUTO_WRITER struct writer m = { .p = w->p, .at = w->at };

	put_text(&m, "name", nic->match.name);
	put_text(&m, "mac", nic->match.mac);
	put_text(&m, "driver", nic->match.driver);
	if (m.pairs.n)
		put(w, "match", finish(&m));
}

static void put_field(struct writer *w, const struct network_if *nic, const struct network_field *f)
{
	const void *at = (const char *)nic + f->offset;

	switch (f->kind) {
	case NETWORK_IS_FLAG:
		put_flag(w, f->key, *(const enum network_flag *)at);
		break;
	case NETWORK_IS_NUMBER:
		put_number(w, f->key, *(const int64_t *)at);
		break;
	case NETWORK_IS_CIDRS:
	case NETWORK_IS_ADDRESSES:
	case NETWORK_IS_WORDS:
	case NETWORK_IS_TEXTS:
		put_texts(w, f->key, at);
		break;
	default:
		put_text(w, f->key, *(const char *const *)at);
	}
}

static const struct doc_node *route(struct writer *parent, const struct network_route *r)
{
	AUTO_WRITER struct writer w = { .p = parent->p, .at = parent->at };

	put_text(&w, "to", r->to);
	put_text(&w, "via", r->via);
	put_number(&w, "metric", r->metric);
	put_number(&w, "table", r->table);
	put_flag(&w, "on_link", r->on_link);
	put_number(&w, "mtu", r->mtu);
	return finish(&w);
}

static const struct doc_node *rule(struct writer *parent, const struct network_rule *r)
{
	AUTO_WRITER struct writer w = { .p = parent->p, .at = parent->at };

	put_text(&w, "from", r->from);
	put_text(&w, "to", r->to);
	put_number(&w, "table", r->table);
	put_number(&w, "priority", r->priority);
	put_number(&w, "mark", r->mark);
	return finish(&w);
}

static void put_routes(struct writer *w, const struct network_if *nic)
{
	AUTO_ITEMS struct tree_items routes = { 0 }, rules = { 0 };

	for (size_t i = 0; i < nic->n_routes; i++)
		(void)!tree_items_add(&routes, route(w, &nic->route[i]));
	for (size_t i = 0; i < nic->n_rules; i++)
		(void)!tree_items_add(&rules, rule(w, &nic->rule[i]));
	if (routes.n)
		put(w, "routes", tree_seq(w->p, w->at, routes.data, routes.n));
	if (rules.n)
		put(w, "rules", tree_seq(w->p, w->at, rules.data, rules.n));
}

static void put_group(struct writer *w, const char *key, const struct network_group *g)
{
	AUTO_WRITER struct writer group = { .p = w->p, .at = w->at };
	AUTO_WRITER struct writer options = { .p = w->p, .at = w->at };

	if (!g->is)
		return;
	for (size_t i = 0; i < g->n_options; i++)
		put_text(&options, g->option[i].name, g->option[i].value);
	put(&group, "interfaces", texts(&group, &g->interfaces));
	put(&group, "options", finish(&options));
	put(w, key, finish(&group));
}

static void put_vlan(struct writer *w, const struct network_if *nic)
{
	AUTO_WRITER struct writer v = { .p = w->p, .at = w->at };

	if (nic->vlan.id == NETWORK_UNSET)
		return;
	put_number(&v, "id", nic->vlan.id);
	put_text(&v, "link", nic->vlan.link);
	put(w, "vlan", finish(&v));
}

static const struct doc_node *interface(struct doc_pool *p, const struct network_if *nic)
{
	AUTO_WRITER struct writer w = { .p = p, .at = nic->at };

	put_match(&w, nic);
	for (size_t i = 0; i < network_field_n; i++)
		put_field(&w, nic, &network_field_all[i]);
	put_routes(&w, nic);
	put_group(&w, "bond", &nic->bond);
	put_group(&w, "bridge", &nic->bridge);
	put_vlan(&w, nic);
	return finish(&w);
}

static const struct doc_node *interfaces(const struct network *net)
{
	AUTO_WRITER struct writer w = { .p = net->p };

	for (size_t i = 0; i < net->n; i++)
		put(&w, net->ifs[i]->name, interface(net->p, net->ifs[i]));
	return finish(&w);
}

const struct doc_node *network_document(const struct network *net, enum network_form form)
{
	AUTO_WRITER struct writer w = { .p = net->p }, dns = { .p = net->p };
	struct writer *top = form == NETWORK_AS_LAYER ? &dns : &w;

	put(&w, "interfaces", interfaces(net));
	put_flag(&w, "disabled", net->disabled ? NETWORK_YES : NETWORK_FLAG_UNSET);
	put_texts(top, "nameservers", &net->nameservers);
	put_texts(top, "search", &net->search);
	if (dns.pairs.n)
		put(&w, "dns", finish(&dns));
	put_number(&w, "dhcp_timeout", net->dhcp_timeout);
	put_texts(&w, "pre_cmds", &net->pre_cmds);
	put_texts(&w, "post_cmds", &net->post_cmds);
	return finish(&w);
}

void network_json(const struct network *net, struct buf *out)
{
	const struct doc_node *n = network_document(net, NETWORK_AS_JSON);

	doc_json_write(n, out);
	/* The messages go in front of the closing brace. */
	if (out->len)
		out->data[--out->len] = '\0';
	buf_str(out, ",\"messages\":");
	doc_messages_json(net->p, out);
	buf_str(out, "}\n");
}
