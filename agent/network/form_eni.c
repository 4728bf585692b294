/* SPDX-License-Identifier: Apache-2.0 */
/*
 * /etc/network/interfaces, as ifupdown and cloud-init read it: stanzas of lines, "\" at the end of
 * a line continues it. Lines have no quotes; a command goes to the end of its line.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/network/address.h"
#include "agent/network/forms.h"
#include "agent/network/option.h"
#include "agent/network/put.h"

#define WORDS        32
#define LINE_MAX_LEN 4096
#define LINES_MAX    10000

struct reader {
	struct network *net;
	struct network_if *nic; /* of the stanza that is open; NULL: options are skipped */
	bool v6, skip;          /* skip: options of a stanza that means nothing here */
	const char *address_mask;
	struct doc_node address; /* kept until the stanza ends: its mask may follow */
	struct doc_origin at;
};

static struct doc_node node_of(const struct reader *r, const char *text)
{
	return (struct doc_node){
		.kind = DOC_STR, .origin = r->at, .text = text, .len = strlen(text)
	};
}

/* --- options of a stanza --- */

typedef void option_fn(struct reader *r, const struct doc_node *value);

static void put_address(struct reader *r, const struct doc_node *value)
{
	r->address = *value;
}

static void put_mask(struct reader *r, const struct doc_node *value)
{
	r->address_mask = value->text;
}

static void put_gateway(struct reader *r, const struct doc_node *value)
{
	if (strcmp(value->text, "none") != 0)
		network_put_gateway(r->net, r->nic, value);
}

static void put_mtu(struct reader *r, const struct doc_node *value)
{
	network_put_mtu(r->net, r->nic, value);
}

static void put_mac(struct reader *r, const struct doc_node *value)
{
	struct doc_node n = *value;

	if (!strncmp(n.text, "ether ", 6)) {
		n.text += 6;
		n.len -= 6;
	}
	network_put_mac(r->net, r->nic, &n);
}

static void put_servers(struct reader *r, const struct doc_node *value)
{
	network_put_servers(r->net, &r->nic->nameservers, value);
}

static void put_search(struct reader *r, const struct doc_node *value)
{
	network_put_search(r->net, &r->nic->search, value);
}

static void put_metric(struct reader *r, const struct doc_node *value)
{
	r->nic->route_metric = network_number(r->net->p, value, 0, UINT32_MAX);
}

static void put_ra(struct reader *r, const struct doc_node *value)
{
	r->nic->accept_ra = strcmp(value->text, "0") ? NETWORK_YES : NETWORK_NO;
}

static void put_autoconf(struct reader *r, const struct doc_node *value)
{
	r->nic->accept_ra = network_flag_of(r->net->p, value);
}

static void put_privacy(struct reader *r, const struct doc_node *value)
{
	r->nic->privacy = strcmp(value->text, "0") ? NETWORK_YES : NETWORK_NO;
}

static void put_dhcp6(struct reader *r, const struct doc_node *value)
{
	r->nic->dhcp6 = network_flag_of(r->net->p, value);
}

static void put_hostname(struct reader *r, const struct doc_node *value)
{
	r->nic->dhcp_hostname = value->text;
}

static void put_members(struct reader *r, struct network_group *g, const struct doc_node *value)
{
	g->is = true;
	if (strcmp(value->text, "none") != 0)
		network_put_search(r->net, &g->interfaces, value);
}

static void put_bond_slaves(struct reader *r, const struct doc_node *value)
{
	put_members(r, &r->nic->bond, value);
}

static void put_bridge_ports(struct reader *r, const struct doc_node *value)
{
	put_members(r, &r->nic->bridge, value);
}

static void put_bond_master(struct reader *r, const struct doc_node *value)
{
	struct network_if *bond = network_get(r->net, value->text, r->at);

	if (!bond)
		return;
	bond->bond.is = true;
	(void)network_add_text(r->net->p, &bond->bond.interfaces, r->nic->name);
}

static void put_vlan_link(struct reader *r, const struct doc_node *value)
{
	r->nic->vlan.link = value->text;
}

static void put_vlan_id(struct reader *r, const struct doc_node *value)
{
	r->nic->vlan.id = network_number(r->net->p, value, 0, 4094);
}

static void put_wol(struct reader *r, const struct doc_node *value)
{
	r->nic->wakeonlan = !strcmp(value->text, "g") ? NETWORK_YES : NETWORK_NO;
}

static void put_nothing(struct reader *r, const struct doc_node *value)
{
	(void)r, (void)value;
}

/* What a command of iproute2 or net-tools is about, behind "route add"; NULL when it is another. */
static const char *route_words(const char *command)
{
	static const char *const starts[] = { "ip route add ", "ip -6 route add ", "route add ",
					      "ip -4 route add ", "/sbin/ip route add " };

	for (size_t i = 0; i < ARRAY_LEN(starts); i++)
		if (!strncmp(command, starts[i], strlen(starts[i])))
			return command + strlen(starts[i]);
	return NULL;
}

static size_t split(char *text, char **word, size_t max)
{
	char *save = NULL;
	size_t n = 0;

	for (char *w = strtok_r(text, " \t", &save); w && n < max; w = strtok_r(NULL, " \t", &save))
		word[n++] = w;
	return n;
}

/* "… add -net 10.8.0.0 netmask 255.255.0.0 gw 10.0.0.8 || true" is a route, no command. */
static bool route_of(struct reader *r, const char *command)
{
	enum { VIA, GW, MASK, METRIC, TABLE, DEV, N };
	static const char *const keys[N] = { "via", "gw", "netmask", "metric", "table", "dev" };
	const char *text = route_words(command);
	struct doc_node node[N] = { 0 }, to = { 0 };
	struct network_route_source s = { .at = r->at };
	char copy[LINE_MAX_LEN], *word[WORDS];
	size_t n, end;

	if (!text)
		return false;
	end = strlen(text);
	if (end > 7 && !strcmp(text + end - 7, "|| true"))
		end -= 7;
	(void)snprintf(copy, sizeof(copy), "%.*s", (int)end, text);
	if (strpbrk(copy, "|;&$<>"))
		return false;
	n = split(copy, word, WORDS);
	for (size_t i = 0; i < n; i++) {
		int k = 0;

		while (k < N && strcmp(word[i], keys[k]) != 0)
			k++;
		if (k < N && ++i < n)
			node[k] = node_of(r, doc_strdup(r->net->p, word[i], strlen(word[i])) ?: "");
		else if (k == N && word[i][0] != '-')
			to = node_of(r, doc_strdup(r->net->p, word[i], strlen(word[i])) ?: "");
	}
	s.to = &to;
	s.via = node[VIA].text ? &node[VIA] : &node[GW];
	s.mask = node[MASK].text;
	s.metric = &node[METRIC];
	s.table = &node[TABLE];
	if (to.text)
		network_put_route(r->net, r->nic, &s);
	return to.text != NULL;
}

static void put_command(struct reader *r, struct network_texts *to, const struct doc_node *value)
{
	if (route_of(r, value->text))
		return;
	if (strpbrk(value->text, "|;&$<>`"))
		doc_say(r->net->p, false, r->at,
			"commands here run without a shell: check \"%.60s\"", value->text);
	(void)network_add_text(r->net->p, to, value->text);
}

static void put_pre_up(struct reader *r, const struct doc_node *value)
{
	put_command(r, &r->nic->pre_up, value);
}

static void put_post_up(struct reader *r, const struct doc_node *value)
{
	put_command(r, &r->nic->post_up, value);
}

static const struct {
	const char *name; /* "-" stands for "_", too */
	option_fn *put;
} options[] = {
	{ "address", put_address },
	{ "netmask", put_mask },
	{ "gateway", put_gateway },
	{ "mtu", put_mtu },
	{ "hwaddress", put_mac },
	{ "dns-nameservers", put_servers },
	{ "dns-nameserver", put_servers },
	{ "dns-search", put_search },
	{ "dns-domain", put_search },
	{ "metric", put_metric },
	{ "accept-ra", put_ra },
	{ "autoconf", put_autoconf },
	{ "privext", put_privacy },
	{ "dhcp", put_dhcp6 },
	{ "hostname", put_hostname },
	{ "bond-slaves", put_bond_slaves },
	{ "bond-master", put_bond_master },
	{ "bridge-ports", put_bridge_ports },
	{ "bridge-hw", put_mac },
	{ "vlan-raw-device", put_vlan_link },
	{ "vlan-id", put_vlan_id },
	{ "ethernet-wol", put_wol },
	{ "pre-up", put_pre_up },
	{ "up", put_post_up },
	{ "post-up", put_post_up },
	/* what the kernel works out by itself, and what runs when an interface goes away */
	{ "broadcast", put_nothing },
	{ "network", put_nothing },
	{ "scope", put_nothing },
	{ "down", put_nothing },
	{ "pre-down", put_nothing },
	{ "post-down", put_nothing },
	{ "bridge-waitport", put_nothing },
	{ "bridge-maxwait", put_nothing },
	{ "bridge-gcint", put_nothing },
};

static bool same_name(const char *a, const char *b)
{
	for (; *a && *b; a++, b++)
		if (*a != *b && !(*a == '_' && *b == '-'))
			return false;
	return *a == *b;
}

static void put_option(struct reader *r, const char *name, const char *value)
{
	struct doc_node n = node_of(r, value);

	for (size_t i = 0; i < ARRAY_LEN(options); i++) {
		if (!same_name(name, options[i].name))
			continue;
		if (*value)
			options[i].put(r, &n);
		return;
	}
	if (!strncmp(name, "bond", 4))
		network_put_bond_option(r->net, r->nic, name, &n);
	else if (!strncmp(name, "bridge", 6))
		network_put_bridge_option(r->net, r->nic, name, &n);
	else
		doc_say(r->net->p, false, r->at, "\"%.40s\" is not carried over", name);
}

/* --- stanzas --- */

static void end_stanza(struct reader *r)
{
	if (r->nic && r->address.text)
		network_put_address(r->net, r->nic, &r->address, r->address_mask, 0);
	r->nic = NULL;
	r->skip = false;
	r->address = (struct doc_node){ 0 };
	r->address_mask = NULL;
}

static void put_method(struct reader *r, const char *method)
{
	if (!strcmp(method, "dhcp") && r->v6)
		r->nic->dhcp6 = NETWORK_YES;
	else if (!strcmp(method, "dhcp"))
		r->nic->dhcp = NETWORK_YES;
	else if (!strcmp(method, "auto") && r->v6)
		r->nic->accept_ra = NETWORK_YES;
	else if (strcmp(method, "static") && strcmp(method, "manual"))
		doc_say(r->net->p, false, r->at, "the method \"%.40s\" is not carried over",
			method);
}

/* "eth0.100" is a VLAN by its name, if no option says otherwise. */
static void name_vlan(struct reader *r, const char *name)
{
	const char *dot = strrchr(name, '.');
	char *end;
	long id = dot ? strtol(dot + 1, &end, 10) : -1;

	if (!dot || end == dot + 1 || *end || id < 0 || id > 4094 || dot == name)
		return;
	r->nic->vlan.id = id;
	r->nic->vlan.link = doc_strdup(r->net->p, name, (size_t)(dot - name));
}

static void begin_iface(struct reader *r, char *const *word, size_t n)
{
	const char *name = n > 1 ? word[1] : "";
	size_t len = strcspn(name, ":");

	end_stanza(r);
	r->skip = true;
	if (n < 4) {
		doc_say(r->net->p, true, r->at, "\"iface NAME FAMILY METHOD\" is expected here");
		return;
	}
	if (!strcmp(name, "lo") || !strcmp(word[3], "loopback"))
		return;
	if (strcmp(word[2], "inet") && strcmp(word[2], "inet6")) {
		doc_say(r->net->p, false, r->at, "the family \"%.40s\" is not carried over",
			word[2]);
		return;
	}
	/* eth0:1 is a second address of eth0. */
	name = doc_strdup(r->net->p, name, len);
	r->nic = name ? network_get(r->net, name, r->at) : NULL;
	if (!r->nic)
		return;
	r->skip = false;
	r->nic->gateway_is_old = true;
	r->v6 = !strcmp(word[2], "inet6");
	if (r->nic->vlan.id == NETWORK_UNSET)
		name_vlan(r, name);
	put_method(r, word[3]);
}

static bool is_stanza(const char *word)
{
	static const char *const words[] = {
		"auto",         "iface",      "mapping", "source",  "source-directory",
		"no-auto-down", "no-scripts", "rename",  "template"
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (!strcmp(word, words[i]))
			return true;
	return !strncmp(word, "allow-", 6);
}

static void read_stanza(struct reader *r, const char *line)
{
	char copy[LINE_MAX_LEN], *word[WORDS];
	size_t n;

	(void)snprintf(copy, sizeof(copy), "%s", line);
	n = split(copy, word, WORDS);
	if (!strcmp(word[0], "iface")) {
		begin_iface(r, word, n);
		return;
	}
	end_stanza(r);
	r->skip = !strcmp(word[0], "mapping");
	if (!strncmp(word[0], "source", 6) || r->skip || !strcmp(word[0], "rename"))
		doc_say(r->net->p, false, r->at, "\"%s\" is not carried over", word[0]);
	if (!strcmp(word[0], "allow-hotplug"))
		for (size_t i = 1; i < n; i++) {
			struct network_if *nic = network_find(r->net, word[i]);

			if (nic)
				nic->optional = NETWORK_YES;
		}
}

static void read_line(struct reader *r, const char *line)
{
	size_t len;
	char name[80];
	const char *value;

	line += strspn(line, " \t");
	len = strcspn(line, " \t");
	if (!*line || *line == '#')
		return;
	(void)snprintf(name, sizeof(name), "%.*s", (int)(len < 79 ? len : 79), line);
	value = line + len + strspn(line + len, " \t");
	if (is_stanza(name))
		read_stanza(r, line);
	else if (r->nic)
		put_option(r, name, doc_strdup(r->net->p, value, strlen(value)) ?: "");
	else if (!r->skip)
		doc_say(r->net->p, true, r->at, "\"%.40s\" stands outside of any \"iface\"", name);
}

/* One line with those that continue it; returns where the next one begins. */
static const char *join_lines(struct reader *r, const char *text, struct buf *line)
{
	buf_reset(line);
	for (;;) {
		size_t len = strcspn(text, "\n"), end = len;

		r->at.line++;
		while (end && isspace((unsigned char)text[end - 1]))
			end--;
		if (end && text[end - 1] == '\\' && text[len]) {
			buf_add(line, text, end - 1);
			buf_char(line, ' ');
			text += len + 1;
			continue;
		}
		buf_add(line, text, end);
		return text[len] ? text + len + 1 : NULL;
	}
}

void network_read_eni(struct network *net, struct doc_origin at, const char *text)
{
	AUTO_BUF struct buf line = BUF_WITH_LIMIT(LINE_MAX_LEN - 1);
	struct reader r = { .net = net, .at = { at.source, 0, 1 } };

	for (int n = 0; text && *text && n < LINES_MAX; n++) {
		text = join_lines(&r, text, &line);
		if (line.failed)
			doc_say(net->p, true, r.at, "a line of more than %d bytes: ignored",
				LINE_MAX_LEN);
		else
			read_line(&r, buf_text(&line));
	}
	end_stanza(&r);
}

/* The first word that is no comment begins a stanza. */
bool network_is_eni(const char *text)
{
	for (const char *s = text; s; s = strchr(s, '\n')) {
		char word[32];
		size_t len;

		s += *s == '\n';
		s += strspn(s, " \t\r");
		len = strcspn(s, " \t\r\n");
		if (!len || *s == '#') {
			if (!*s)
				return false;
			s += len;
			continue;
		}
		(void)snprintf(word, sizeof(word), "%.*s", (int)(len < 31 ? len : 31), s);
		return is_stanza(word) && (s[len] == ' ' || s[len] == '\t');
	}
	return false;
}
