/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes the table. Every value was checked before it becomes part of a command.
 */
#include "agent/network/firewall.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/network/address.h"
#include "agent/network/put.h"
#include "lib/file.h"
#include "lib/file_remove.h"
#include "lib/proc.h"

#define TABLE "inet ros_network"
/* It is in force: to be removed when nobody wants it any more. */
#define MARK      "/run/ros/network.firewall"
#define NFT_MS    10000
#define RULES_MAX 1024

static const struct {
	const char *word, *verdict;
} actions[] = {
	{ "accept", "accept" }, { "allow", "accept" },  { "drop", "drop" },
	{ "deny", "drop" },     { "reject", "reject" },
};

static const char *verdict(const char *word)
{
	for (size_t i = 0; word && i < ARRAY_LEN(actions); i++)
		if (!strcmp(word, actions[i].word))
			return actions[i].verdict;
	return NULL;
}

static bool put_interface(const struct doc_node *n, struct buf *out)
{
	const char *name = network_text(n);

	if (!name)
		return true;
	if (!network_is_name(name) || strlen(name) >= NETWORK_NAME || strchr(name, '{'))
		return false;
	buf_fmt(out, "iifname \"%s\" ", name);
	return true;
}

/* One family's addresses of a list, as a set; false for a bad one. */
static bool put_sources(const struct doc_node *n, bool v6, bool *found, struct buf *out)
{
	size_t count = n && n->kind == DOC_SEQ ? n->len : 1;
	AUTO_BUF struct buf set = BUF_WITH_LIMIT(65536);

	*found = false;
	for (size_t i = 0; i < count; i++) {
		const char *text = network_text(n->kind == DOC_SEQ ? n->items[i] : n);
		char cidr[NETWORK_ADDRESS];

		if (!text || !network_destination(text, NULL, false, cidr))
			return false;
		if (network_is_v6(cidr) != v6)
			continue;
		buf_fmt(&set, "%s%s", *found ? ", " : "", cidr);
		*found = true;
	}
	if (*found)
		buf_fmt(out, "%s saddr { %s } ", v6 ? "ip6" : "ip", buf_text(&set));
	return true;
}

static bool is_port(const char *text)
{
	long ports[2] = { 0 };
	int n = 0;

	for (const char *s = text;; s++) {
		char *end;

		if (!isdigit((unsigned char)*s) || n == 2)
			return false;
		ports[n++] = strtol(s, &end, 10);
		if (!*end)
			break;
		if (*end != '-')
			return false;
		s = end;
	}
	return ports[0] <= 65535 && ports[1] <= 65535 && (n == 1 || ports[0] <= ports[1]);
}

/* "22", 22, "8000-8099", "22,80", or a list of those, as a set. */
static bool put_ports(const struct doc_node *n, struct buf *out)
{
	size_t count = n->kind == DOC_SEQ ? n->len : 1, written = 0;

	for (size_t i = 0; i < count; i++) {
		const char *text = network_text(n->kind == DOC_SEQ ? n->items[i] : n);
		char copy[256], *save = NULL;

		if (!text || strlen(text) >= sizeof(copy))
			return false;
		(void)snprintf(copy, sizeof(copy), "%s", text);
		for (char *w = strtok_r(copy, ", ", &save); w; w = strtok_r(NULL, ", ", &save)) {
			if (!is_port(w))
				return false;
			buf_fmt(out, "%s%s", written++ ? ", " : "", w);
		}
	}
	return written > 0;
}

/* Protocol and ports; ports without a protocol are both TCP's and UDP's. */
static bool put_protocol(const struct doc_node *protocol, const struct doc_node *port,
			 struct buf *out)
{
	const char *text = network_text(protocol);
	AUTO_BUF struct buf ports = BUF_WITH_LIMIT(4096);

	if (text && !strcmp(text, "all"))
		text = NULL;
	if (text && !strcmp(text, "icmp")) {
		buf_str(out, "meta l4proto { icmp, ipv6-icmp } ");
		return !network_text(port);
	}
	if (text && strcmp(text, "tcp") && strcmp(text, "udp") && strcmp(text, "sctp"))
		return false;
	if (port && port->kind != DOC_NULL) {
		if (!put_ports(port, &ports))
			return false;
		if (!text)
			buf_str(out, "meta l4proto { tcp, udp } ");
		buf_fmt(out, "%s dport { %s } ", text ? text : "th", buf_text(&ports));
	} else if (text) {
		buf_fmt(out, "meta l4proto %s ", text);
	}
	return true;
}

/* "22" and "53/udp" as a map. */
static const struct doc_node *short_rule(struct doc_pool *p, const struct doc_node *n)
{
	const char *text = network_text(n), *slash = text ? strchr(text, '/') : NULL;
	const char *port =
		text ? doc_strdup(p, text, slash ? (size_t)(slash - text) : strlen(text)) : NULL;
	const struct doc_node *map;

	if (!port)
		return n;
	map = doc_with(p, NULL, "port", doc_new_str(p, n->origin.source, port));
	return slash ? doc_with(p, map, "protocol", doc_new_str(p, n->origin.source, slash + 1))
		     : map;
}

static void put_rule(struct doc_pool *p, const struct doc_node *n, const char *action,
		     struct buf *out)
{
	const struct doc_node *rule = n->kind == DOC_MAP ? n : short_rule(p, n);
	const struct doc_node *source = doc_key(rule, "source");
	bool sources = source && source->kind != DOC_NULL, good = true;

	if (!action)
		action = verdict(network_text(doc_key(rule, "action")));
	for (int v6 = 0; v6 < (sources ? 2 : 1) && good && action; v6++) {
		AUTO_BUF struct buf line = BUF_WITH_LIMIT(65536);
		bool found = true;

		good = put_interface(doc_key(rule, "interface"), &line);
		if (good && sources)
			good = put_sources(source, v6, &found, &line);
		if (good)
			good = put_protocol(doc_key(rule, "protocol"), doc_key(rule, "port"),
					    &line);
		if (good && found)
			buf_fmt(out, "\t\t%s%s\n", buf_text(&line), action);
	}
	if (!good || !action)
		doc_say(p, true, n->origin,
			"firewall: this rule is malformed, and left out (action, interface, "
			"source, protocol, port)");
}

static void put_rules(struct doc_pool *p, const struct doc_node *list, const char *action,
		      struct buf *out)
{
	for (size_t i = 0; list && list->kind == DOC_SEQ && i < list->len && i < RULES_MAX; i++)
		put_rule(p, list->items[i], action, out);
	if (list && list->kind != DOC_SEQ && list->kind != DOC_NULL)
		doc_say(p, true, list->origin, "firewall: a list of rules is expected here");
}

static void put_input(struct doc_pool *p, const struct doc_node *firewall, struct buf *out)
{
	const char *word = doc_str(firewall, "policy", doc_str(firewall, "default", "accept"));
	const char *policy = verdict(word);

	if (!policy) {
		doc_say(p, true, firewall->origin, "firewall: the policy \"%.40s\" is none: drop",
			word);
		policy = "drop";
	}
	buf_str(out, "\tchain input {\n"
		     "\t\ttype filter hook input priority -10; policy accept;\n"
		     "\t\tct state established,related accept\n"
		     "\t\tiif lo accept\n"
		     "\t\tmeta l4proto ipv6-icmp icmpv6 type { nd-neighbor-solicit, "
		     "nd-neighbor-advert, nd-router-advert, nd-redirect, packet-too-big, "
		     "destination-unreachable, time-exceeded, parameter-problem, "
		     "mld-listener-query, echo-request } accept\n"
		     "\t\tmeta l4proto icmp icmp type { echo-request, destination-unreachable, "
		     "time-exceeded, parameter-problem } accept\n"
		     "\t\tudp sport 67 udp dport 68 accept\n"
		     "\t\tudp sport 547 udp dport 546 accept\n");
	put_rules(p, doc_key(firewall, "rules"), NULL, out);
	put_rules(p, doc_key(firewall, "deny"), "drop", out);
	put_rules(p, doc_key(firewall, "allow"), "accept", out);
	if (strcmp(policy, "accept") != 0)
		buf_fmt(out, "\t\t%s\n", policy);
	buf_str(out, "\t}\n");
}

/* Containers' packets are forwarded; the machine's own are not. */
static void put_block(struct buf *out)
{
	buf_str(out, "\tchain forward {\n"
		     "\t\ttype filter hook forward priority -10; policy accept;\n"
		     "\t\tip daddr 169.254.169.254 reject\n"
		     "\t\tip6 daddr { fd00:ec2::254, fd00:c1::a9fe:a9fe, fd00:42::42 } reject\n"
		     "\t}\n");
}

void firewall_text(struct doc_pool *p, const struct doc_node *firewall, bool block_metadata,
		   struct buf *out)
{
	bool filters = firewall && firewall->kind == DOC_MAP && firewall->len;

	/* Added first, so that there is one to delete. */
	buf_str(out, "add table " TABLE "\ndelete table " TABLE "\n");
	if (!filters && !block_metadata)
		return;
	buf_str(out, "table " TABLE " {\n");
	if (filters)
		put_input(p, firewall, out);
	if (block_metadata)
		put_block(out);
	buf_str(out, "}\n");
}

int firewall_apply(struct doc_pool *p, const struct doc_node *firewall, bool block_metadata,
		   struct error *err)
{
	static const char *const argv[] = { "/usr/sbin/nft", "-f", "-", NULL };
	bool wanted = block_metadata || (firewall && firewall->kind == DOC_MAP && firewall->len);
	const struct file_attr attr = { .mode = 0644, .relaxed = true };
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(1u << 20);
	int r;

	if (!wanted && !file_exists(FILE_ROOT, MARK))
		return 0;
	firewall_text(p, firewall, block_metadata, &text);
	r = buf_check(&text, err);
	if (r == 0)
		r = proc_run(argv, buf_text(&text), NFT_MS, NULL, err);
	if (r < 0)
		return error_wrap(err, r, "firewall");
	return wanted ? file_publish(FILE_ROOT, MARK, "", 0, &attr, NULL, err)
		      : file_remove(FILE_ROOT, MARK, NULL, err);
}
