/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Works out the templates' view of the configuration.
 */
#include <string.h>

#include "agent/hostname.h"
#include "agent/view.h"
#include "agent/view_network.h"
#include "lib/doc/tree.h"

#define SOURCE "agent"

struct view {
	struct doc_pool *p;
	const struct doc_node *doc;
};

static void put(struct view *v, const char *path, const struct doc_node *val)
{
	const struct doc_node *with = val ? doc_with(v->p, v->doc, path, val) : NULL;

	if (with)
		v->doc = with;
}

static void put_hostname(struct view *v, const struct doc_node *config, const struct instance *in)
{
	const char *name = hostname_choose(v->p, config, in);
	size_t label = strcspn(name, ".");

	put(v, "agent.hostname", doc_new_str(v->p, SOURCE, name));
	if (name[label])
		put(v, "agent.short_hostname",
		    tree_str(v->p, (struct doc_origin){ .source = SOURCE }, name, label));
}

static bool has_item(const struct doc_node *list, const char *text)
{
	for (size_t i = 0; list && list->kind == DOC_SEQ && i < list->len; i++)
		if (doc_is_scalar(list->items[i]) && !strcmp(list->items[i]->text, text))
			return true;
	return false;
}

static bool has_items(const struct doc_node *list)
{
	return list && list->kind == DOC_SEQ && list->len > 0;
}

static void put_dns(struct view *v, const struct doc_node *config)
{
	const struct doc_node *servers = doc_at(config, "rancher.network.dns.nameservers");
	const struct doc_node *search = doc_at(config, "rancher.network.dns.search");

	if (has_items(servers))
		put(v, "agent.dns.nameservers", servers);
	if (has_items(search))
		put(v, "agent.dns.search", search);
}

const struct doc_node *view_make(int root, struct doc_pool *p, const struct doc_node *config,
				 const struct instance *in)
{
	struct view v = { p, config };

	put_hostname(&v, config, in);
	put_dns(&v, config);
	put(&v, "agent.network", view_network(root, p, config));
	put(&v, "agent.own_ntp",
	    doc_new_bool(p, SOURCE, has_items(doc_at(config, "ntp.servers")) ||
					    has_items(doc_at(config, "ntp.pools"))));
	put(&v, "agent.password_login",
	    doc_new_bool(p, SOURCE,
			 doc_str(config, "rancher.password", "")[0] &&
				 !has_item(doc_at(config, "rancher.disable"), "password")));
	return v.doc;
}
