/* SPDX-License-Identifier: Apache-2.0 */
/*
 * network-config version 2: the part of netplan that cloud-init knows.
 */
#include <string.h>

#include "agent/network/forms.h"
#include "agent/network/option.h"
#include "agent/network/put.h"
#include "lib/buf.h"

/* What several patterns of one match may have together. */
#define PATTERNS 4096
/* Has a character that no name and no driver has. */
#define NO_LINK "/"

/* Keys that every kind of interface has. */
#define COMMON                                                                                \
	"dhcp4", "dhcp6", "dhcp4-overrides", "dhcp6-overrides", "accept-ra", "addresses",     \
		"gateway4", "gateway6", "nameservers", "routes", "routing-policy", "mtu",     \
		"macaddress", "optional", "link-local", "ipv6-privacy", "wakeonlan", "match", \
		"set-name", "renderer", "optional-addresses", "dhcp-identifier", "critical",  \
		"ignore-carrier"

static void put_overrides(struct network *net, struct network_if *nic, const struct doc_node *o)
{
	static const char *const known[] = { "hostname", "route-metric", "send-hostname",
					     "use-dns",  "use-domains",  "use-hostname",
					     "use-mtu",  "use-ntp",      "use-routes",
					     NULL };
	const struct {
		const char *key;
		enum network_flag *to;
	} flags[] = {
		{ "send-hostname", &nic->send_hostname },
		{ "use-dns", &nic->use_dns },
		{ "use-domains", &nic->use_domains },
		{ "use-hostname", &nic->use_hostname },
		{ "use-mtu", &nic->use_mtu },
		{ "use-ntp", &nic->use_ntp },
		{ "use-routes", &nic->use_routes },
	};
	const char *hostname = network_text(doc_key(o, "hostname"));

	if (!o || o->kind != DOC_MAP)
		return;
	for (size_t i = 0; i < ARRAY_LEN(flags); i++) {
		const struct doc_node *n = doc_key(o, flags[i].key);

		/* "route" is netplan's third value of use-domains. */
		if (n && !(network_text(n) && !strcmp(n->text, "route")))
			*flags[i].to = network_flag_of(net->p, n);
	}
	if (hostname)
		nic->dhcp_hostname = hostname;
	if (doc_key(o, "route-metric"))
		nic->route_metric =
			network_number(net->p, doc_key(o, "route-metric"), 0, UINT32_MAX);
	network_report_keys(net->p, o, known, nic->name);
}

static void put_addresses(struct network *net, struct network_if *nic, const struct doc_node *list)
{
	for (size_t i = 0; list && list->kind == DOC_SEQ && i < list->len; i++) {
		const struct doc_node *item = list->items[i];
		struct doc_node key = { .kind = DOC_STR, .origin = item->origin };

		/* {10.0.0.2/24: {label: x}} */
		if (item->kind == DOC_MAP && item->len == 1) {
			key.text = item->pairs[0].key;
			key.len = strlen(key.text);
			item = &key;
		}
		network_put_address(net, nic, item, NULL, 0);
	}
	if (doc_is_scalar(list))
		network_put_address(net, nic, list, NULL, 0);
}

static void put_routes(struct network *net, struct network_if *nic, const struct doc_node *list)
{
	static const char *const known[] = { "to",      "via",     "metric", "table",
					     "on-link", "on_link", "mtu",    NULL };

	for (size_t i = 0; list && list->kind == DOC_SEQ && i < list->len; i++) {
		const struct doc_node *r = list->items[i];
		struct network_route_source s = {
			.to = doc_key(r, "to"),
			.via = doc_key(r, "via"),
			.metric = doc_key(r, "metric"),
			.table = doc_key(r, "table"),
			.mtu = doc_key(r, "mtu"),
			.on_link = doc_key(r, "on-link"),
			.at = r->origin,
		};

		network_put_route(net, nic, &s);
		network_report_keys(net->p, r, known, nic->name);
	}
}

static void put_rules(struct network *net, struct network_if *nic, const struct doc_node *list)
{
	static const char *const known[] = { "from", "to", "table", "priority", "mark", NULL };

	for (size_t i = 0; list && list->kind == DOC_SEQ && i < list->len; i++) {
		network_put_rule(net, nic, list->items[i]);
		network_report_keys(net->p, list->items[i], known, nic->name);
	}
}

static void put_flag(struct network *net, enum network_flag *to, const struct doc_node *n)
{
	enum network_flag flag = network_flag_of(net->p, n);

	if (flag != NETWORK_FLAG_UNSET)
		*to = flag;
}

/* [] is none, [ipv4] and [ipv4, ipv6] ask for an IPv4 one. */
static void put_link_local(struct network_if *nic, const struct doc_node *list)
{
	for (size_t i = 0; list && list->kind == DOC_SEQ && i < list->len; i++)
		if (network_text(list->items[i]) && !strcmp(list->items[i]->text, "ipv4"))
			nic->ipv4ll = NETWORK_YES;
}

static void put_common(struct network *net, struct network_if *nic, const struct doc_node *n)
{
	put_flag(net, &nic->dhcp, doc_key(n, "dhcp4"));
	put_flag(net, &nic->dhcp6, doc_key(n, "dhcp6"));
	put_flag(net, &nic->accept_ra, doc_key(n, "accept-ra"));
	put_flag(net, &nic->privacy, doc_key(n, "ipv6-privacy"));
	put_flag(net, &nic->wakeonlan, doc_key(n, "wakeonlan"));
	put_flag(net, &nic->optional, doc_key(n, "optional"));
	put_overrides(net, nic, doc_key(n, "dhcp4-overrides"));
	put_overrides(net, nic, doc_key(n, "dhcp6-overrides"));
	put_link_local(nic, doc_key(n, "link-local"));
	put_addresses(net, nic, doc_key(n, "addresses"));
	network_put_gateway(net, nic, doc_key(n, "gateway4"));
	network_put_gateway(net, nic, doc_key(n, "gateway6"));
	nic->gateway_is_old = true;
	put_routes(net, nic, doc_key(n, "routes"));
	put_rules(net, nic, doc_key(n, "routing-policy"));
	network_put_servers(net, &nic->nameservers, doc_at(n, "nameservers.addresses"));
	network_put_search(net, &nic->search, doc_at(n, "nameservers.search"));
	network_put_mtu(net, nic, doc_key(n, "mtu"));
	network_put_mac(net, nic, doc_key(n, "macaddress"));
}

static const char *patterns(struct network *net, const struct doc_node *n)
{
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(PATTERNS);

	if (!n || n->kind != DOC_SEQ)
		return network_text(n);
	for (size_t i = 0; i < n->len; i++)
		if (network_text(n->items[i]))
			buf_fmt(&b, "%s%s", b.len ? " " : "", n->items[i]->text);
	if (b.failed) {
		doc_say(net->p, true, n->origin, "more patterns than there is room for: ignored");
		return NO_LINK;
	}
	return b.len ? doc_strdup(net->p, b.data, b.len) : NULL;
}

static void read_ethernet(struct network *net, struct network_if *nic, const struct doc_node *n)
{
	static const char *const known[] = { COMMON, NULL };
	const struct doc_node *match = doc_key(n, "match");

	if (doc_key(match, "name"))
		nic->match.name = patterns(net, doc_key(match, "name"));
	nic->match.driver = patterns(net, doc_key(match, "driver"));
	network_put_match_mac(net, nic, doc_key(match, "macaddress"));
	network_report_keys(net->p, n, known, nic->name);
}

static void put_members(struct network *net, struct network_group *g, const struct doc_node *n)
{
	g->is = true;
	for (size_t i = 0; n && n->kind == DOC_SEQ && i < n->len; i++)
		if (network_text(n->items[i]))
			(void)network_add_text(net->p, &g->interfaces, n->items[i]->text);
}

static void read_bond(struct network *net, struct network_if *nic, const struct doc_node *n)
{
	static const char *const known[] = { COMMON, "interfaces", "parameters", NULL };
	const struct doc_node *params = doc_key(n, "parameters");

	put_members(net, &nic->bond, doc_key(n, "interfaces"));
	for (size_t i = 0; params && params->kind == DOC_MAP && i < params->len; i++)
		network_put_bond_option(net, nic, params->pairs[i].key, params->pairs[i].val);
	network_report_keys(net->p, n, known, nic->name);
}

static void read_bridge(struct network *net, struct network_if *nic, const struct doc_node *n)
{
	static const char *const known[] = { COMMON, "interfaces", "parameters", NULL };
	const struct doc_node *params = doc_key(n, "parameters");

	put_members(net, &nic->bridge, doc_key(n, "interfaces"));
	for (size_t i = 0; params && params->kind == DOC_MAP && i < params->len; i++)
		network_put_bridge_option(net, nic, params->pairs[i].key, params->pairs[i].val);
	network_report_keys(net->p, n, known, nic->name);
}

static void read_vlan(struct network *net, struct network_if *nic, const struct doc_node *n)
{
	static const char *const known[] = { COMMON, "id", "link", NULL };
	int64_t id = network_number(net->p, doc_key(n, "id"), 0, 4094);

	nic->vlan.link = network_text(doc_key(n, "link"));
	if (id == NETWORK_UNSET || !nic->vlan.link)
		doc_say(net->p, true, n->origin, "%s: a VLAN needs id and link: none is made",
			nic->name);
	else
		nic->vlan.id = id;
	network_report_keys(net->p, n, known, nic->name);
}

static const struct kind {
	const char *key;
	void (*read)(struct network *net, struct network_if *nic, const struct doc_node *n);
} kinds[] = {
	{ "ethernets", read_ethernet },
	{ "bonds", read_bond },
	{ "bridges", read_bridge },
	{ "vlans", read_vlan },
};

static void read_one(struct network *net, const struct kind *kind, const struct doc_pair *pair)
{
	const char *name = network_text(doc_key(pair->val, "set-name"));
	struct network_if *nic;

	if (pair->val->kind != DOC_MAP && pair->val->kind != DOC_NULL) {
		doc_say(net->p, true, pair->val->origin, "%.40s: keys are expected here",
			pair->key);
		return;
	}
	if (name && !doc_at(pair->val, "match.macaddress") && !doc_at(pair->val, "match.name") &&
	    !doc_at(pair->val, "match.driver")) {
		doc_say(net->p, false, pair->origin, "%.40s: set-name needs a match: ignored",
			pair->key);
		name = NULL;
	}
	nic = network_get(net, name ? name : pair->key, pair->origin);
	if (!nic)
		return;
	nic->set_name = name;
	if (name && strcmp(name, pair->key) != 0)
		nic->id = pair->key;
	put_common(net, nic, pair->val);
	kind->read(net, nic, pair->val);
}

void network_read_v2(struct network *net, const struct doc_node *doc)
{
	static const char *const known[] = { "version", "renderer", "ethernets", "bonds",
					     "bridges", "vlans",    NULL };

	for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
		const struct doc_node *map = doc_key(doc, kinds[k].key);

		for (size_t i = 0; map && map->kind == DOC_MAP && i < map->len; i++)
			read_one(net, &kinds[k], &map->pairs[i]);
		if (map && map->kind != DOC_MAP && map->kind != DOC_NULL)
			doc_say(net->p, true, map->origin,
				"%s: names of interfaces are expected here", kinds[k].key);
	}
	network_report_keys(net->p, doc, known, "network");
}
