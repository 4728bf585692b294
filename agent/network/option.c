/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables of options.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/network/option.h"
#include "agent/network/put.h"

#define NAME_LEN  40
#define VALUE_LEN 256

enum unit { AS_IS, FLAG, SECONDS /* the kernel takes hundredths */, MILLISECONDS, PER_PORT };

struct row {
	const char *kernel;
	enum unit unit;
	const char *others[4]; /* names in other forms, "-" written as "_" */
};

static const struct row bond_rows[] = {
	{ "mode", AS_IS, { NULL } },
	{ "miimon", MILLISECONDS, { "mii_monitor_interval" } },
	{ "updelay", MILLISECONDS, { "up_delay" } },
	{ "downdelay", MILLISECONDS, { "down_delay" } },
	{ "lacp_rate", AS_IS, { NULL } },
	{ "lacp_active", FLAG, { NULL } },
	{ "ad_select", AS_IS, { NULL } },
	{ "ad_actor_sys_prio", AS_IS, { NULL } },
	{ "ad_actor_system", AS_IS, { NULL } },
	{ "ad_user_port_key", AS_IS, { NULL } },
	{ "xmit_hash_policy", AS_IS, { "transmit_hash_policy" } },
	{ "primary", AS_IS, { NULL } },
	{ "primary_reselect", AS_IS, { "primary_reselect_policy" } },
	{ "active_slave", AS_IS, { NULL } },
	{ "fail_over_mac", AS_IS, { "fail_over_mac_policy" } },
	{ "min_links", AS_IS, { NULL } },
	{ "arp_interval", MILLISECONDS, { NULL } },
	{ "arp_ip_target", AS_IS, { "arp_ip_targets" } },
	{ "arp_validate", AS_IS, { NULL } },
	{ "arp_all_targets", AS_IS, { NULL } },
	{ "arp_missed_max", AS_IS, { NULL } },
	{ "num_grat_arp", AS_IS, { "gratuitous_arp", "gratuitious_arp", "num_unsol_na" } },
	{ "all_slaves_active", FLAG, { "all_members_active" } },
	{ "resend_igmp", AS_IS, { NULL } },
	{ "packets_per_slave", AS_IS, { "packets_per_member" } },
	{ "lp_interval", AS_IS, { "learn_packet_interval" } },
	{ "peer_notif_delay", MILLISECONDS, { NULL } },
	{ "tlb_dynamic_lb", FLAG, { NULL } },
	{ "use_carrier", FLAG, { NULL } },
};

static const struct row bridge_rows[] = {
	{ "stp_state", FLAG, { "stp" } },
	{ "forward_delay", SECONDS, { "fd" } },
	{ "hello_time", SECONDS, { "hello" } },
	{ "max_age", SECONDS, { "maxage" } },
	{ "ageing_time", SECONDS, { "ageing" } },
	{ "priority", AS_IS, { "bridgeprio" } },
	{ "path_cost", PER_PORT, { "pathcost" } },
	{ "port_priority", PER_PORT, { "portprio" } },
	{ "vlan_filtering", FLAG, { "vlan_aware" } },
	{ "vlan_default_pvid", AS_IS, { "default_pvid" } },
	{ "multicast_snooping", FLAG, { "mcsnoop" } },
	{ "multicast_querier", FLAG, { "mcquerier" } },
	{ "group_fwd_mask", AS_IS, { NULL } },
};

/* "bond-lacp-rate" → "lacp_rate" */
static bool plain_name(const char *name, const char *prefix, char ret[NAME_LEN])
{
	size_t len = strlen(prefix), i = 0;

	if (!strncmp(name, prefix, len) && (name[len] == '-' || name[len] == '_'))
		name += len + 1;
	if (strlen(name) >= NAME_LEN)
		return false;
	for (; name[i]; i++)
		ret[i] = name[i] == '-' ? '_' : name[i];
	ret[i] = '\0';
	return true;
}

static const struct row *find(const struct row *rows, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++) {
		if (!strcmp(rows[i].kernel, name))
			return &rows[i];
		for (size_t k = 0; k < ARRAY_LEN(rows[i].others) && rows[i].others[k]; k++)
			if (!strcmp(rows[i].others[k], name))
				return &rows[i];
	}
	return NULL;
}

/* "15", "15s", "1500ms" as a count of 1/per_second seconds. */
static bool duration(const char *text, bool in_seconds, long per_second, long *ret)
{
	char *end;
	double n = strtod(text, &end);

	if (end == text || !(n >= 0 && n < 1e6))
		return false;
	if (!strcmp(end, "ms"))
		n /= 1000;
	else if (!strcmp(end, "s") || (!*end && in_seconds))
		;
	else if (!*end)
		n /= 1000;
	else
		return false;
	*ret = (long)(n * (double)per_second + 0.5);
	return true;
}

/* A list as the kernel takes it: "a,b". A map as "key=value key=value". */
static const char *joined(struct doc_pool *p, const struct doc_node *n)
{
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(VALUE_LEN);

	for (size_t i = 0; n->kind == DOC_SEQ && i < n->len; i++)
		if (network_text(n->items[i]))
			buf_fmt(&b, "%s%s", b.len ? "," : "", n->items[i]->text);
	for (size_t i = 0; n->kind == DOC_MAP && i < n->len; i++)
		if (network_text(n->pairs[i].val))
			buf_fmt(&b, "%s%s=%s", b.len ? " " : "", n->pairs[i].key,
				n->pairs[i].val->text);
	return b.failed || !b.len ? NULL : doc_strdup(p, b.data, b.len);
}

/* "eth0 50" of ifupdown, also several of them in a list, as "eth0=50 eth1=60". */
static const char *per_port(struct doc_pool *p, const struct doc_node *n)
{
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(VALUE_LEN);
	size_t count = n->kind == DOC_SEQ ? n->len : 1;

	if (n->kind == DOC_MAP)
		return joined(p, n);
	for (size_t i = 0; i < count; i++) {
		const char *s = network_text(n->kind == DOC_SEQ ? n->items[i] : n);
		size_t name = s ? strcspn(s, " =") : 0;

		if (!s || !s[name])
			return NULL;
		buf_fmt(&b, "%s%.*s=%s", b.len ? " " : "", (int)name, s,
			s + name + strspn(s + name, " ="));
	}
	return b.failed || !b.len ? NULL : doc_strdup(p, b.data, b.len);
}

static const char *value_text(struct doc_pool *p, const struct row *row, const struct doc_node *n)
{
	const char *text = doc_is_scalar(n) ? network_text(n) : joined(p, n);
	enum network_flag flag;
	char number[24];
	long count;

	if (row->unit == PER_PORT)
		return per_port(p, n);
	if (!text || strlen(text) >= VALUE_LEN || row->unit == AS_IS)
		return text && strlen(text) < VALUE_LEN && !strpbrk(text, "\n\r") ? text : NULL;
	if (row->unit == FLAG) {
		flag = network_flag_of(p, n);
		return flag == NETWORK_YES ? "1" : flag == NETWORK_NO ? "0" : NULL;
	}
	if (!duration(text, row->unit == SECONDS, row->unit == SECONDS ? 100 : 1000, &count))
		return NULL;
	(void)snprintf(number, sizeof(number), "%ld", count);
	return doc_strdup(p, number, strlen(number));
}

static void put(struct network *net, struct network_group *g, const struct row *row,
		const char *name, const struct doc_node *value)
{
	const char *text;

	if (!value || value->kind == DOC_NULL)
		return;
	if (!row) {
		doc_say(net->p, false, value->origin, "option \"%.40s\" is not known: ignored",
			name);
		return;
	}
	text = value_text(net->p, row, value);
	if (text)
		network_set_option(net->p, g, row->kernel, text);
	else
		doc_say(net->p, true, value->origin, "option %s cannot have this value: ignored",
			row->kernel);
}

void network_put_bond_option(struct network *net, struct network_if *nic, const char *name,
			     const struct doc_node *value)
{
	char plain[NAME_LEN] = "";
	const struct row *row = NULL;
	const char *mode;

	nic->bond.is = true;
	if (plain_name(name, "bond", plain))
		row = find(bond_rows, ARRAY_LEN(bond_rows), plain);
	mode = row && !strcmp(row->kernel, "mode") ? network_text(value) : NULL;
	if (mode && network_bond_mode(mode) < 0)
		doc_say(net->p, true, value->origin, "\"%.40s\" is no mode of a bond: ignored",
			mode);
	else
		put(net, &nic->bond, row, name, value);
}

void network_put_bridge_option(struct network *net, struct network_if *nic, const char *name,
			       const struct doc_node *value)
{
	char plain[NAME_LEN] = "";
	const struct row *row = NULL;

	nic->bridge.is = true;
	if (plain_name(name, "bridge", plain))
		row = find(bridge_rows, ARRAY_LEN(bridge_rows), plain);
	put(net, &nic->bridge, row, name, value);
}

void network_put_bridge_own(struct network *net, struct network_if *nic, const char *name,
			    const struct doc_node *value)
{
	const struct row *row = find(bridge_rows, ARRAY_LEN(bridge_rows), name);
	struct row own = { 0 };

	nic->bridge.is = true;
	if (row)
		own = *row;
	if (own.unit == SECONDS || own.unit == PER_PORT)
		own.unit = AS_IS;
	put(net, &nic->bridge, row ? &own : NULL, name, value);
}

int network_bond_mode(const char *text)
{
	static const char *const modes[] = { "balance-rr", "active-backup", "balance-xor",
					     "broadcast",  "802.3ad",       "balance-tlb",
					     "balance-alb" };

	for (size_t i = 0; i < ARRAY_LEN(modes); i++)
		if (!strcmp(text, modes[i]) || (text[0] == (char)('0' + i) && !text[1]))
			return (int)i;
	return -1;
}
