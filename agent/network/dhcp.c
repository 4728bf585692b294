/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes dhcpcd.conf(5).
 *
 * `dhcp_args` was dhcpcd's whole command line in RancherOS, for a process per interface. There is
 * one process now: its options are taken over into the interface's block, where they mean the same.
 */
#include "agent/network/dhcp.h"

#include <ctype.h>
#include <string.h>

#include "agent/convert.h"

#define METRIC  200
#define TIMEOUT 10

/* Command line options that are directives of the file. */
static const struct option_row {
	char letter;
	const char *word;
	bool takes;         /* an argument follows */
	const char *global; /* why it is not carried over; "" when it simply goes without saying */
} rows[] = {
	{ '4', "ipv4only", false, NULL },
	{ '6', "ipv6only", false, NULL },
	{ 'A', "noarp", false, NULL },
	{ 'D', "duid", false, NULL },
	{ 'E', "lastlease", false, NULL },
	{ 'G', "nogateway", false, NULL },
	{ 'H', "xidhwaddr", false, NULL },
	{ 'I', "clientid", true, NULL },
	{ 'J', "broadcast", false, NULL },
	{ 'K', "nolink", false, NULL },
	{ 'L', "noipv4ll", false, NULL },
	{ 'O', "nooption", true, NULL },
	{ 'Q', "require", true, NULL },
	{ 'S', "static", true, NULL },
	{ 'h', "hostname", true, NULL },
	{ 'i', "vendorclassid", true, NULL },
	{ 'l', "leasetime", true, NULL },
	{ 'm', "metric", true, NULL },
	{ 'o', "option", true, NULL },
	{ 'p', "persistent", false, NULL },
	{ 'r', "request", true, NULL },
	{ 's', "inform", true, NULL },
	{ 't', "timeout", true, NULL },
	{ 'u', "userclass", true, NULL },
	{ 'v', "vendor", true, NULL },
	{ 'y', "reboot", true, NULL },
	{ 'M', "master", false, "" },
	{ 'B', "nobackground", false, "" },
	{ 'b', "background", false, "" },
	{ 'd', "debug", false, "" },
	{ 'q', "quiet", false, "" },
	{ 'w', "waitip", false, "" },
	{ 'C', "nohook", true, "hooks are not run here" },
	{ 'c', "script", true, "the script is ours" },
	{ 'e', "env", true, "the script takes no settings" },
	{ 'f', "config", true, "the configuration is ours" },
};

static const struct option_row *find_option(const char *word)
{
	size_t len = strcspn(word, "=");

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (word[0] == '-' && word[1] == '-' && strlen(rows[i].word) + 2 == len &&
		    !strncmp(word + 2, rows[i].word, len - 2))
			return &rows[i];
		if (word[0] == '-' && word[1] == rows[i].letter)
			return &rows[i];
	}
	return NULL;
}

static bool is_line(const char *text)
{
	for (const char *s = text; *s; s++)
		if (iscntrl((unsigned char)*s))
			return false;
	return true;
}

/* Put one option; its argument may stand behind "=", in the same word, or in the next one. Returns
 * what is left of a word of several letters ("-MA4"), or NULL. */
static const char *put_option(struct network *net, const struct network_if *nic, const char *word,
			      const char **text, struct buf *out)
{
	AUTO_BUF struct buf next = BUF_WITH_LIMIT(1024);
	const struct option_row *row = find_option(word);
	bool is_long = word[1] == '-';
	const char *arg = is_long ? strchr(word, '=') : word[1] && word[2] ? word + 1 : NULL;

	if (!row) {
		doc_say(net->p, false, nic->at, "%s: dhcp_args: \"%.40s\" is not carried over",
			nic->name, word);
		return NULL;
	}
	if (!row->takes) {
		if (!row->global)
			buf_fmt(out, "%s\n", row->word);
		return is_long ? NULL : arg;
	}
	if (!arg && convert_word(text, &next, NULL) <= 0)
		return NULL;
	arg = arg ? arg + 1 : buf_text(&next);
	if (row->global)
		doc_say(net->p, false, nic->at, "%s: dhcp_args: %s: %s", nic->name, row->word,
			row->global);
	else if (is_line(arg))
		buf_fmt(out, "%s %s\n", row->word, arg);
	return NULL;
}

static void put_args(struct network *net, const struct network_if *nic, struct buf *out)
{
	AUTO_BUF struct buf word = BUF_WITH_LIMIT(1024);
	const char *text = nic->dhcp_args;

	while (text && convert_word(&text, &word, NULL) > 0) {
		char letter[3] = "-";
		const char *rest = buf_text(&word);

		if (!strcmp(rest, "dhcpcd") || !strcmp(rest, nic->name))
			continue;
		if (rest[0] != '-' || !rest[1]) {
			doc_say(net->p, false, nic->at,
				"%s: dhcp_args: \"%.40s\" is not carried over", nic->name, rest);
			continue;
		}
		rest = put_option(net, nic, rest, &text, out);
		/* "-MA4": letters one after another. */
		while (rest && rest[1]) {
			const struct option_row *row;

			letter[1] = rest[1];
			row = find_option(letter);
			if (row && row->takes) {
				AUTO_BUF struct buf both = BUF_WITH_LIMIT(1024);

				buf_fmt(&both, "-%s", rest + 1);
				(void)put_option(net, nic, buf_text(&both), &text, out);
				break;
			}
			(void)put_option(net, nic, letter, &text, out);
			rest++;
		}
	}
}

/* Options that are asked for, and that the machine may choose not to use. */
static void put_uses(const struct network_if *nic, struct buf *out)
{
	const struct {
		enum network_flag flag;
		const char *option;
	} uses[] = {
		{ nic->use_dns, "domain_name_servers" },
		{ nic->use_domains, "domain_name,domain_search" },
		{ nic->use_hostname, "host_name" },
		{ nic->use_mtu, "interface_mtu" },
		{ nic->use_ntp, "ntp_servers" },
	};

	for (size_t i = 0; i < ARRAY_LEN(uses); i++)
		if (uses[i].flag == NETWORK_NO)
			buf_fmt(out, "nooption %s\n", uses[i].option);
	/* A configured MTU is stronger than the server's. */
	if (nic->mtu != NETWORK_UNSET && nic->use_mtu != NETWORK_NO)
		buf_str(out, "nooption interface_mtu\n");
	if (nic->use_routes == NETWORK_NO)
		buf_str(out, "nogateway\nnooption classless_static_routes,static_routes\n");
	if (nic->send_hostname == NETWORK_NO)
		buf_str(out, "hostname \"\"\n");
	else if (nic->dhcp_hostname && is_line(nic->dhcp_hostname))
		buf_fmt(out, "hostname %s\n", nic->dhcp_hostname);
}

static void put_interface(struct network *net, const struct want *w, int index, struct buf *out)
{
	const struct network_if *nic = w->nic;

	buf_fmt(out, "\ninterface %s\n", w->name);
	if (nic->route_metric != NETWORK_UNSET)
		buf_fmt(out, "metric %d\n", (int)nic->route_metric);
	else
		buf_fmt(out, "metric %d\n", METRIC + index);
	if (nic->dhcp != NETWORK_YES)
		buf_str(out, "nodhcp\n");
	/* Left alone, dhcpcd makes itself an address where there is no lease, which wants ARP. Do
	 * not wait for someone to object to a lease's address. */
	if (nic->ipv4ll != NETWORK_YES)
		buf_str(out, "noipv4ll\nnoarp\n");
	if (nic->dhcp6 == NETWORK_NO)
		buf_str(out, "nodhcp6\n");
	if (nic->accept_ra == NETWORK_NO && nic->dhcp6 != NETWORK_YES)
		buf_str(out, "noipv6\n");
	else if (nic->accept_ra == NETWORK_NO)
		buf_str(out, "noipv6rs\n");
	if (nic->dhcp6 == NETWORK_YES)
		buf_str(out, "ia_na 1\n");
	if (nic->privacy == NETWORK_YES)
		buf_str(out, "slaac hwaddr temporary\n");
	put_uses(nic, out);
	put_args(net, nic, out);
}

void dhcp_config(struct network *net, const struct want_list *want,
		 int (*index_of)(const char *name), struct buf *out)
{
	int timeout = net->dhcp_timeout == NETWORK_UNSET ? TIMEOUT : (int)net->dhcp_timeout;
	size_t n = 0;

	for (size_t i = 0; i < want->n; i++)
		n += want->w[i].dynamic && index_of(want->w[i].name) > 0;
	if (!n)
		return;
	buf_str(out, "# Made by ros network from rancher.network.\nallowinterfaces");
	for (size_t i = 0; i < want->n; i++)
		if (want->w[i].dynamic && index_of(want->w[i].name) > 0)
			buf_fmt(out, " %s", want->w[i].name);
	/* Ask at once, without the random delay; leave addresses where they are when dhcpcd is
	 * restarted. */
	buf_fmt(out,
		"\nnodelay\nhostname\nclientid\npersistent\ntimeout %d\nbackground\n"
		"require dhcp_server_identifier\n"
		"option domain_name_servers,domain_name,domain_search,host_name\n"
		"option classless_static_routes,interface_mtu,ntp_servers\n"
		"slaac hwaddr\nscript " DHCP_SCRIPT "\n",
		timeout);
	for (size_t i = 0; i < want->n; i++) {
		int index = want->w[i].dynamic ? index_of(want->w[i].name) : 0;

		if (index > 0)
			put_interface(net, &want->w[i], index, out);
	}
}
