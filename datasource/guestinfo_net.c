/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes netplan's form, since every reader of network-config knows it.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "datasource/guestinfo_net.h"

/* Name servers and search domains, as lists of JSON strings. */
struct dns {
	struct buf servers, domains;
};

static const char *text_at(const struct guestinfo *g, struct doc_pool *p, const char *fmt, int n,
			   int m)
{
	char key[GUESTINFO_KEY];

	(void)snprintf(key, sizeof(key), "interface.%d.%s", n, fmt);
	if (m >= 0) {
		char numbered[GUESTINFO_KEY];

		(void)snprintf(numbered, sizeof(numbered), "%.100s", key);
		(void)snprintf(key, sizeof(key), "%.*s%d%s", (int)strcspn(numbered, "#"), numbered,
			       m, strchr(numbered, '#') + 1);
	}
	return guestinfo_text(g, p, key);
}

static void add_string(struct buf *b, const char *value)
{
	buf_str(b, b->len ? ",\"" : "\"");
	buf_json(b, value);
	buf_char(b, '"');
}

/* --- addresses --- */

/* The prefix of a mask, or -1 when its ones do not stand together. */
static int prefix_of(const char *mask)
{
	struct in_addr a;
	uint32_t bits;

	if (inet_pton(AF_INET, mask, &a) != 1)
		return -1;
	bits = ntohl(a.s_addr);
	if (bits && (~bits & (~bits + 1)))
		return -1;
	return __builtin_popcount(bits);
}

static int add_address(const char *address, const char *mask, struct buf *list, struct error *err)
{
	char full[128];
	int prefix = mask ? prefix_of(mask) : -1;

	if (strchr(address, '/')) {
		add_string(list, address);
		return 0;
	}
	if (prefix < 0)
		return error_set(err, EBADMSG,
				 "guestinfo.interface: address %.64s has neither a prefix nor a "
				 "netmask that is one (write %.64s/24)",
				 address, address);
	(void)snprintf(full, sizeof(full), "%.64s/%d", address, prefix);
	add_string(list, full);
	return 0;
}

static void note_role(const char *role, const char *address, struct doc_pool *p,
		      struct guestinfo_net *ret)
{
	const char *plain = doc_strdup(p, address, strcspn(address, "/"));
	bool v6 = strchr(address, ':') != NULL;

	if (role && !strcmp(role, "public"))
		*(v6 ? &ret->public_ipv6 : &ret->public_ipv4) = plain;
	if (role && !strcmp(role, "private"))
		*(v6 ? &ret->private_ipv6 : &ret->private_ipv4) = plain;
}

static int read_addresses(const struct guestinfo *g, struct doc_pool *p, int n, struct buf *list,
			  struct guestinfo_net *ret, struct error *err)
{
	const char *role = text_at(g, p, "role", n, -1);
	int r = 0;

	for (int m = 0; r == 0 && m < GUESTINFO_NET_MAX; m++) {
		const char *address = text_at(g, p, "ip.#.address", n, m);

		if (!address)
			break;
		r = add_address(address, text_at(g, p, "ip.#.netmask", n, m), list, err);
		note_role(role, address, p, ret);
	}
	return r;
}

/* RancherOS took every route for the default one, whatever its destination. */
static void read_routes(const struct guestinfo *g, struct doc_pool *p, int n, struct buf *list)
{
	for (int m = 0; m < GUESTINFO_NET_MAX; m++) {
		const char *via = text_at(g, p, "route.#.gateway", n, m);

		if (!via)
			break;
		buf_fmt(list, "%s{\"to\":\"%s\",\"via\":\"", list->len ? "," : "",
			strchr(via, ':') ? "::/0" : "0.0.0.0/0");
		buf_json(list, via);
		buf_str(list, "\"}");
	}
}

/* --- name servers --- */

/* KEYs, a list with commas, and KEY.0, KEY.1, … */
static void read_list(const struct guestinfo *g, struct doc_pool *p, const char *key,
		      struct buf *list)
{
	char name[GUESTINFO_KEY];
	const char *s;

	(void)snprintf(name, sizeof(name), "dns.%ss", key);
	for (s = guestinfo_text(g, p, name); s && *s;) {
		size_t len = strcspn(s, ", \t");
		const char *one = doc_strdup(p, s, len);

		if (len && one)
			add_string(list, one);
		s += len;
		s += strspn(s, ", \t");
	}
	for (int i = 0; i < GUESTINFO_NET_MAX; i++) {
		(void)snprintf(name, sizeof(name), "dns.%s.%d", key, i);
		s = guestinfo_text(g, p, name);
		if (!s)
			break;
		add_string(list, s);
	}
}

/* --- interfaces --- */

static void write_match(const char *name, const char *mac, int n, struct buf *b)
{
	buf_char(b, '"');
	if (name)
		buf_json(b, name);
	else
		buf_fmt(b, "nic%d", n);
	buf_str(b, "\":{");
	if (!mac)
		return;
	buf_str(b, "\"match\":{\"macaddress\":\"");
	for (const char *s = mac; *s; s++) {
		char c[2] = { (char)tolower((unsigned char)*s), '\0' };

		buf_json(b, c);
	}
	buf_str(b, "\"},");
}

static int write_interface(const struct guestinfo *g, struct doc_pool *p, int n,
			   const struct dns *dns, struct guestinfo_net *ret, struct error *err)
{
	AUTO_BUF struct buf addresses = { 0 };
	AUTO_BUF struct buf routes = { 0 };
	const char *dhcp = text_at(g, p, "dhcp", n, -1);
	struct buf *b = &ret->config;
	int r = read_addresses(g, p, n, &addresses, ret, err);

	if (r < 0)
		return r;
	read_routes(g, p, n, &routes);
	write_match(text_at(g, p, "name", n, -1), text_at(g, p, "mac", n, -1), n, b);
	buf_fmt(b, "\"dhcp4\":%s",
		dhcp && (!strcmp(dhcp, "yes") || !strcmp(dhcp, "true")) ? "true" : "false");
	if (addresses.len)
		buf_fmt(b, ",\"addresses\":[%s]", buf_text(&addresses));
	if (routes.len)
		buf_fmt(b, ",\"routes\":[%s]", buf_text(&routes));
	if (dns->servers.len || dns->domains.len)
		buf_fmt(b, ",\"nameservers\":{\"addresses\":[%s],\"search\":[%s]}",
			buf_text(&dns->servers), buf_text(&dns->domains));
	buf_char(b, '}');
	return 0;
}

static bool has_interface(const struct guestinfo *g, struct doc_pool *p, int n)
{
	return text_at(g, p, "name", n, -1) || text_at(g, p, "mac", n, -1);
}

int guestinfo_net_read(const struct guestinfo *g, struct doc_pool *p, struct guestinfo_net *ret,
		       struct error *err)
{
	struct dns dns = { 0 };
	int n = 0, r = 0;

	read_list(g, p, "server", &dns.servers);
	read_list(g, p, "domain", &dns.domains);
	buf_str(&ret->config, "{\"version\":2,\"ethernets\":{");
	for (; r == 0 && n < GUESTINFO_NET_MAX && has_interface(g, p, n); n++) {
		if (n)
			buf_char(&ret->config, ',');
		r = write_interface(g, p, n, &dns, ret, err);
	}
	buf_str(&ret->config, "}}");
	ret->is_there = n > 0;
	if (n == 0 && (dns.servers.len || dns.domains.len)) {
		buf_reset(&ret->config);
		buf_fmt(&ret->config,
			"{\"version\":1,\"config\":[{\"type\":\"nameserver\",\"address\":[%s],"
			"\"search\":[%s]}]}",
			buf_text(&dns.servers), buf_text(&dns.domains));
		ret->is_there = true;
	}
	buf_done(&dns.servers);
	buf_done(&dns.domains);
	return r < 0 ? r : buf_check(&ret->config, err);
}
