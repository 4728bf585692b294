/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The form of `rancher.network` (rancheros.md §3.4), in which RancherOS' short ways to write
 * things and the model's own keys may be mixed:
 *
 *   bridge: true | NAME | {interfaces, options}      bond: NAME | {interfaces, options}
 *   vlans: "100,200:name"                            vlan: {id, link}
 *   match: "eth*" | "mac=…" | {name, mac, driver}    address beside addresses
 */
#include <string.h>

#include "agent/network/address.h"
#include "agent/network/field.h"
#include "agent/network/forms.h"
#include "agent/network/own_kind.h"
#include "agent/network/put.h"

/* Keys of an interface beside those of field.c. */
static const char *const other_keys[] = { "match", "address", "bridge", "bond",  "bond_opts",
					  "vlans", "vlan",    "routes", "rules", NULL };
static const char *const top_keys[] = { "interfaces",    "disabled",
					"dns",
					"nameservers",   "search",
					"pre_cmds",      "post_cmds",
					"dhcp_timeout",  "http_proxy",
					"https_proxy",   "no_proxy",
					"wifi_networks", "modem_networks",
					"firewall",      "block_metadata",
					"messages",      NULL };
#define TIMEOUT_MAX 3600

static const char *mac_pattern(const char *match)
{
	return !strncmp(match, "mac=", 4) || !strncmp(match, "mac:", 4) ? match + 4 : NULL;
}

static void put_match_text(struct network *net, struct network_if *nic, const char *match,
			   struct doc_origin at)
{
	const char *pattern = mac_pattern(match);
	char mac[24];

	if (!pattern)
		nic->match.name = match;
	else if (network_mac(pattern, true, mac))
		nic->match.mac = doc_strdup(net->p, mac, strlen(mac));
	else
		doc_say(net->p, true, at, "\"%.40s\" is no MAC address", pattern);
}

static void put_match(struct network *net, struct network_if *nic, const struct doc_node *match)
{
	const char *text = network_text(match);

	if (!text && (!match || match->kind != DOC_MAP))
		return;
	/* What is said wins over what the key looks like. */
	nic->match.name = nic->match.mac = NULL;
	if (text) {
		put_match_text(net, nic, text, match->origin);
		return;
	}
	nic->match.name = network_text(doc_key(match, "name"));
	nic->match.driver = network_text(doc_key(match, "driver"));
	network_put_match_mac(net, nic, doc_key(match, "mac"));
}

static void put_texts(struct network *net, struct network_texts *to, const struct doc_node *n)
{
	for (size_t i = 0; n && n->kind == DOC_SEQ && i < n->len; i++) {
		const char *text = network_text(n->items[i]);

		/* The same command twice is two commands. */
		const char **item =
			text ? network_grow(net->p, to->item, to->n, sizeof(*item)) : NULL;

		if (!item)
			continue;
		to->item = item;
		to->item[to->n++] = text;
	}
	if (network_text(n))
		(void)network_add_text(net->p, to, n->text);
}

static void put_cidrs(struct network *net, struct network_if *nic, const struct doc_node *n)
{
	if (doc_is_scalar(n))
		network_put_address(net, nic, n, NULL, 0);
	for (size_t i = 0; n && n->kind == DOC_SEQ && i < n->len; i++)
		network_put_address(net, nic, n->items[i], NULL, 0);
}

static void put_address(struct network *net, const char **to, const struct doc_node *n)
{
	const char *text = network_text(n);
	const char *plain = text ? network_plain(net->p, text) : NULL;

	if (plain)
		*to = plain;
	else if (text)
		doc_say(net->p, true, n->origin, "\"%.60s\" is no address: ignored", text);
}

static void put_field(struct network *net, struct network_if *nic, const struct network_field *f,
		      const struct doc_node *n)
{
	void *at = (char *)nic + f->offset;
	const char *text = network_text(n);

	switch (f->kind) {
	case NETWORK_IS_FLAG:
		*(enum network_flag *)at = network_flag_of(net->p, n);
		break;
	case NETWORK_IS_NUMBER:
		*(int64_t *)at = network_number(net->p, n, f->min, f->max);
		break;
	case NETWORK_IS_CIDRS:
		put_cidrs(net, nic, n);
		break;
	case NETWORK_IS_ADDRESSES:
		network_put_servers(net, at, n);
		break;
	case NETWORK_IS_WORDS:
		network_put_search(net, at, n);
		break;
	case NETWORK_IS_TEXTS:
		put_texts(net, at, n);
		break;
	case NETWORK_IS_ADDRESS:
		put_address(net, at, n);
		break;
	case NETWORK_IS_MAC:
		network_put_mac(net, nic, n);
		break;
	case NETWORK_IS_NAME:
		if (text && (!network_is_name(text) || strlen(text) >= NETWORK_NAME))
			doc_say(net->p, true, n->origin, "\"%.40s\" is no name of a link", text);
		else if (text)
			*(const char **)at = text;
		break;
	case NETWORK_IS_TEXT:
		if (text)
			*(const char **)at = text;
	}
}

static void put_routes(struct network *net, struct network_if *nic, const struct doc_node *nicdoc)
{
	const struct doc_node *routes = doc_key(nicdoc, "routes"),
			      *rules = doc_key(nicdoc, "rules");

	for (size_t i = 0; routes && routes->kind == DOC_SEQ && i < routes->len; i++) {
		const struct doc_node *r = routes->items[i];
		struct network_route_source s = {
			.to = doc_key(r, "to"),
			.via = doc_key(r, "via"),
			.metric = doc_key(r, "metric"),
			.table = doc_key(r, "table"),
			.mtu = doc_key(r, "mtu"),
			.on_link = doc_key(r, "on_link"),
			.at = r->origin,
		};

		network_put_route(net, nic, &s);
	}
	for (size_t i = 0; rules && rules->kind == DOC_SEQ && i < rules->len; i++)
		network_put_rule(net, nic, rules->items[i]);
}

static bool is_other_key(const char *key)
{
	for (size_t i = 0; other_keys[i]; i++)
		if (!strcmp(other_keys[i], key))
			return true;
	return false;
}

static void read_interface(struct network *net, const struct doc_pair *pair)
{
	const struct doc_node *n = pair->val;
	struct network_if *nic;

	if (n->kind == DOC_NULL)
		return;
	if (n->kind != DOC_MAP) {
		doc_say(net->p, true, n->origin, "%.40s: lines of \"key: value\" are expected here",
			pair->key);
		return;
	}
	nic = network_get(net, pair->key, pair->origin);
	if (!nic)
		return;
	put_match(net, nic, doc_key(n, "match"));
	put_cidrs(net, nic, doc_key(n, "address"));
	for (size_t i = 0; i < n->len; i++) {
		const struct network_field *f = network_field_find(n->pairs[i].key);

		if (f)
			put_field(net, nic, f, n->pairs[i].val);
		else if (!is_other_key(n->pairs[i].key))
			doc_say(net->p, false, n->pairs[i].origin,
				"%s: \"%.40s\" is not known: ignored", nic->name, n->pairs[i].key);
	}
	own_kind_put(net, nic, n);
	put_routes(net, nic, n);
}

void network_read_own(struct network *net, const struct doc_node *network)
{
	const struct doc_node *map = doc_key(network, "interfaces");

	for (size_t i = 0; map && map->kind == DOC_MAP && i < map->len; i++)
		read_interface(net, &map->pairs[i]);
	/* Behind all others: "eth0.100" may have an entry of its own. */
	for (size_t i = 0; map && map->kind == DOC_MAP && i < map->len; i++) {
		struct network_if *nic = network_find(net, map->pairs[i].key);

		if (nic)
			own_kind_put_vlans(net, nic, doc_key(map->pairs[i].val, "vlans"));
	}
	net->disabled = network_flag_of(net->p, doc_key(network, "disabled")) == NETWORK_YES;
	network_put_servers(net, &net->nameservers, doc_at(network, "dns.nameservers"));
	network_put_servers(net, &net->nameservers, doc_key(network, "nameservers"));
	network_put_search(net, &net->search, doc_at(network, "dns.search"));
	network_put_search(net, &net->search, doc_key(network, "search"));
	put_texts(net, &net->pre_cmds, doc_key(network, "pre_cmds"));
	put_texts(net, &net->post_cmds, doc_key(network, "post_cmds"));
	net->dhcp_timeout =
		network_number(net->p, doc_key(network, "dhcp_timeout"), 0, TIMEOUT_MAX);
	network_report_keys(net->p, network, top_keys, "network");
}
