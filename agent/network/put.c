/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checks values and puts them into the model.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "agent/network/address.h"
#include "agent/network/put.h"

#define NO_LENGTH_V4 24
#define NO_LENGTH_V6 64

const char *network_text(const struct doc_node *n)
{
	if (!doc_is_scalar(n) || n->kind == DOC_NULL || !n->len || strlen(n->text) != n->len)
		return NULL;
	return n->text;
}

const char *network_plain(struct doc_pool *p, const char *text)
{
	char plain[NETWORK_ADDRESS];

	return network_address(text, plain) ? doc_strdup(p, plain, strlen(plain)) : NULL;
}

enum network_flag network_flag_of(struct doc_pool *p, const struct doc_node *n)
{
	static const char *const yes[] = { "true", "yes", "on", "1" };
	static const char *const no[] = { "false", "no", "off", "0" };
	const char *text = network_text(n);

	if (!text)
		return NETWORK_FLAG_UNSET;
	for (size_t i = 0; i < ARRAY_LEN(yes); i++) {
		if (!strcasecmp(text, yes[i]))
			return NETWORK_YES;
		if (!strcasecmp(text, no[i]))
			return NETWORK_NO;
	}
	doc_say(p, true, n->origin, "\"%.40s\" is neither true nor false: ignored", text);
	return NETWORK_FLAG_UNSET;
}

int64_t network_number(struct doc_pool *p, const struct doc_node *n, int64_t min, int64_t max)
{
	const char *text = network_text(n);
	char *end;
	long long value;

	if (!text)
		return NETWORK_UNSET;
	errno = 0;
	value = strtoll(text, &end, !strncasecmp(text, "0x", 2) ? 16 : 10);
	if (!isspace((unsigned char)*text) && !*end && !errno && value >= min && value <= max)
		return value;
	doc_say(p, true, n->origin, "\"%.40s\" is no number from %lld to %lld: ignored", text,
		(long long)min, (long long)max);
	return NETWORK_UNSET;
}

struct network_if *network_put_eth(struct network *net, size_t index, const struct doc_node *mac,
				   struct doc_origin at)
{
	char name[NETWORK_NAME];
	struct network_if *nic;

	(void)snprintf(name, sizeof(name), "eth%zu", index);
	nic = network_get(net, name, at);
	if (nic)
		network_put_match_mac(net, nic, mac);
	return nic;
}

void network_put_mtu(struct network *net, struct network_if *nic, const struct doc_node *n)
{
	int64_t mtu = network_number(net->p, n, 68, 65536);

	if (mtu != NETWORK_UNSET)
		nic->mtu = mtu;
}

static const char *mac_text(struct network *net, const struct doc_node *n, bool pattern)
{
	const char *text = network_text(n);
	char mac[24];

	if (!text)
		return NULL;
	if (network_mac(text, pattern, mac))
		return doc_strdup(net->p, mac, strlen(mac));
	doc_say(net->p, true, n->origin, "\"%.40s\" is no MAC address: ignored", text);
	return NULL;
}

void network_put_match_mac(struct network *net, struct network_if *nic, const struct doc_node *n)
{
	const char *mac = mac_text(net, n, true);

	if (mac)
		nic->match.mac = mac;
}

void network_put_mac(struct network *net, struct network_if *nic, const struct doc_node *n)
{
	const char *mac = mac_text(net, n, false);

	if (mac)
		nic->mac_address = mac;
}

void network_put_address(struct network *net, struct network_if *nic, const struct doc_node *n,
			 const char *mask, int fallback)
{
	const char *text = network_text(n);
	char cidr[NETWORK_ADDRESS];

	if (!text)
		return;
	if (!fallback && !(mask && *mask) && network_is_address(text)) {
		fallback = network_is_v6(text) ? NO_LENGTH_V6 : NO_LENGTH_V4;
		doc_say(net->p, false, n->origin, "%.60s has no length: /%d is taken", text,
			fallback);
	}
	if (!network_cidr(text, mask, fallback, cidr))
		doc_say(net->p, true, n->origin, "\"%.60s\"%s%.40s is no address: ignored", text,
			mask ? " with the mask " : "", mask ? mask : "");
	else if (!network_add_text(net->p, &nic->addresses, cidr))
		doc_say(net->p, true, n->origin, "more than %d addresses: ignored", NETWORK_ITEMS);
}

void network_put_gateway(struct network *net, struct network_if *nic, const struct doc_node *n)
{
	const char *text = network_text(n), *via;
	const char **to;

	if (!text)
		return;
	via = network_plain(net->p, text);
	if (!via) {
		doc_say(net->p, true, n->origin, "\"%.60s\" is no address: ignored", text);
		return;
	}
	to = network_is_v6(via) ? &nic->gateway_ipv6 : &nic->gateway;
	if (*to && strcmp(*to, via) != 0)
		doc_say(net->p, false, n->origin, "%s has the gateway %s already: ignored",
			nic->name, *to);
	else
		*to = via;
}

/* One word of a list of texts. */
static void put_word(struct network *net, struct network_texts *to, const struct doc_node *n,
		     const char *word, bool is_server)
{
	if (is_server && !network_is_address(word))
		doc_say(net->p, true, n->origin, "\"%.60s\" is no address: ignored", word);
	else if (!is_server && (strlen(word) > 253 || strpbrk(word, "\"'\\;#$`")))
		doc_say(net->p, true, n->origin, "\"%.60s\" is no domain: ignored", word);
	else if (!network_add_text(net->p, to, word))
		doc_say(net->p, true, n->origin, "more than %d items: ignored", NETWORK_ITEMS);
}

const char *network_next_word(struct doc_pool *p, const char **text, const char *separators)
{
	const char *word = *text ? *text + strspn(*text, separators) : "";
	size_t len = strcspn(word, separators);

	if (!len)
		return NULL;
	*text = word + len;
	return doc_strdup(p, word, len);
}

static void put_words(struct network *net, struct network_texts *to, const struct doc_node *n,
		      bool is_server)
{
	const char *text = network_text(n), *word;

	for (size_t i = 0; n && n->kind == DOC_SEQ && i < n->len && to->n < NETWORK_ITEMS; i++)
		if (doc_is_scalar(n->items[i]))
			put_words(net, to, n->items[i], is_server);
	/* A line break is no separator: somebody wants to begin a line of a file. */
	if (text && strpbrk(text, "\r\n")) {
		doc_say(net->p, true, n->origin, "a line break within a value: ignored");
		return;
	}
	while ((word = network_next_word(net->p, &text, " ,\t")))
		put_word(net, to, n, word, is_server);
}

void network_put_servers(struct network *net, struct network_texts *to, const struct doc_node *n)
{
	put_words(net, to, n, true);
}

void network_put_search(struct network *net, struct network_texts *to, const struct doc_node *n)
{
	put_words(net, to, n, false);
}

void network_add_route(struct network *net, struct network_if *nic, const struct network_route *r)
{
	struct network_route *list =
		network_grow(net->p, nic->route, nic->n_routes, sizeof(nic->route[0]));

	if (!list) {
		doc_say(net->p, true, nic->at, "%s: more than %d routes: ignored", nic->name,
			NETWORK_ITEMS);
		return;
	}
	nic->route = list;
	nic->route[nic->n_routes++] = *r;
}

void network_add_rule(struct network *net, struct network_if *nic, const struct network_rule *r)
{
	struct network_rule *list =
		network_grow(net->p, nic->rule, nic->n_rules, sizeof(nic->rule[0]));

	if (!list) {
		doc_say(net->p, true, nic->at, "%s: more than %d rules: ignored", nic->name,
			NETWORK_ITEMS);
		return;
	}
	nic->rule = list;
	nic->rule[nic->n_rules++] = *r;
}

void network_put_route(struct network *net, struct network_if *nic,
		       const struct network_route_source *s)
{
	const char *to = network_text(s->to), *gateway = network_text(s->via);
	const char *via = gateway ? network_plain(net->p, gateway) : NULL;
	struct network_route r = { .metric = network_number(net->p, s->metric, 0, UINT32_MAX),
				   .table = network_number(net->p, s->table, 0, UINT32_MAX),
				   .mtu = network_number(net->p, s->mtu, 68, 65536),
				   .on_link = network_flag_of(net->p, s->on_link) };
	char cidr[NETWORK_ADDRESS];

	if (gateway && !via) {
		doc_say(net->p, true, s->via->origin, "\"%.60s\" is no address: route ignored",
			gateway);
		return;
	}
	if (!to || !network_destination(to, s->mask, via && network_is_v6(via), cidr)) {
		doc_say(net->p, true, s->to ? s->to->origin : s->at,
			"\"%.60s\"%s%.40s is no destination: route ignored", to ? to : "",
			s->mask ? " with the mask " : "", s->mask ? s->mask : "");
		return;
	}
	if (via && network_is_v6(via) != network_is_v6(cidr) && !network_is_v6(via)) {
		doc_say(net->p, true, s->via->origin, "%s cannot be reached via %s: route ignored",
			cidr, via);
		return;
	}
	/* "0.0.0.0" as a gateway says that there is none. */
	r.via = via && strcmp(via, "0.0.0.0") && strcmp(via, "::") ? via : NULL;
	r.to = doc_strdup(net->p, cidr, strlen(cidr));
	if (r.to)
		network_add_route(net, nic, &r);
}

static bool rule_address(struct network *net, const struct doc_node *n, const char **ret)
{
	const char *text = network_text(n);
	char cidr[NETWORK_ADDRESS];

	if (!text || !strcmp(text, "all"))
		return true;
	if (!network_destination(text, NULL, false, cidr)) {
		doc_say(net->p, true, n->origin, "\"%.60s\" is no address: rule ignored", text);
		return false;
	}
	*ret = doc_strdup(net->p, cidr, strlen(cidr));
	return *ret != NULL;
}

void network_put_rule(struct network *net, struct network_if *nic, const struct doc_node *n)
{
	struct network_rule r = {
		.table = network_number(net->p, doc_key(n, "table"), 0, UINT32_MAX),
		.priority = network_number(net->p, doc_key(n, "priority"), 0, UINT32_MAX),
		.mark = network_number(net->p, doc_key(n, "mark"), 0, UINT32_MAX),
	};

	if (!n || n->kind != DOC_MAP || !rule_address(net, doc_key(n, "from"), &r.from) ||
	    !rule_address(net, doc_key(n, "to"), &r.to))
		return;
	if (r.table == NETWORK_UNSET || (!r.from && !r.to && r.mark == NETWORK_UNSET))
		doc_say(net->p, true, n->origin,
			"a rule needs a table, and from, to or mark: ignored");
	else
		network_add_rule(net, nic, &r);
}

void network_report_keys(struct doc_pool *p, const struct doc_node *map, const char *const *known,
			 const char *where)
{
	for (size_t i = 0; map && map->kind == DOC_MAP && i < map->len; i++) {
		const struct doc_pair *pair = &map->pairs[i];
		size_t k = 0;

		while (known[k] && strcmp(known[k], pair->key) != 0)
			k++;
		if (!known[k])
			doc_say(p, false, pair->origin, "%s: \"%.40s\" is not carried over", where,
				pair->key);
	}
}
