/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads what the kernel has.
 */
#include "agent/network/state.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/network/driver.h"
#include "agent/network/kernel_option.h"
#include "agent/network/netlink.h"

#ifndef IFA_PROTO
#define IFA_PROTO 11
#endif
#define IFA_PROTO_RA  2
#define IFA_PROTO_LL  3
#define FLAG_LOWER_UP 0x10000

/* Room for one more of a list that doubles; NULL when there is none. */
static void *grow(void **list, size_t n, size_t size, size_t max)
{
	void *more;

	if (n >= max)
		return NULL;
	if (n && (n & (n - 1)))
		return (char *)*list + n * size;
	more = realloc(*list, (n ? n * 2 : 1) * size);
	if (!more)
		return NULL;
	*list = more;
	return (char *)more + n * size;
}

/* --- links --- */

static void mac_text(const struct rtattr *a, char ret[24])
{
	size_t len;
	const unsigned char *m = netlink_data(a, &len);

	ret[0] = '\0';
	if (len == 6)
		(void)snprintf(ret, 24, "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3],
			       m[4], m[5]);
}

static int64_t number_of(const struct kernel_option *o, const struct rtattr *a)
{
	return o->size == 1   ? netlink_get_u8(a, 0)
	       : o->size == 2 ? netlink_get_u16(a, 0)
			      : netlink_get_u32(a, 0);
}

static void read_options(struct state_link *l, const struct rtattr *data)
{
	const struct rtattr *a[64];

	netlink_parse_nested(data, a, ARRAY_LEN(a) - 1);
	for (const struct kernel_option *o = kernel_option_all(l->kind); o->name; o++)
		if (o->attr < ARRAY_LEN(a) && a[o->attr] && l->n_options < STATE_OPTIONS)
			l->option[l->n_options++] =
				(struct state_option){ o->name, number_of(o, a[o->attr]) };
}

static void read_info(struct state_link *l, const struct rtattr *info)
{
	const struct rtattr *a[IFLA_INFO_MAX + 1], *vlan[IFLA_VLAN_MAX + 1];

	netlink_parse_nested(info, a, IFLA_INFO_MAX);
	netlink_get_text(a[IFLA_INFO_KIND], l->kind, sizeof(l->kind));
	if (!strcmp(l->kind, "vlan")) {
		netlink_parse_nested(a[IFLA_INFO_DATA], vlan, IFLA_VLAN_MAX);
		l->vlan_id = netlink_get_u16(vlan[IFLA_VLAN_ID], 0);
	}
	read_options(l, a[IFLA_INFO_DATA]);
}

static void read_altnames(struct state_link *l, const struct rtattr *list)
{
	size_t len, n = 0;
	const char *data = netlink_data(list, &len);

	for (size_t at = 0; at + sizeof(struct rtattr) <= len && n < STATE_ALTNAMES;) {
		const struct rtattr *a = (const void *)(data + at);

		if (a->rta_len < sizeof(*a) || at + a->rta_len > len)
			return;
		netlink_get_text(a, l->altname[n++], sizeof(l->altname[0]));
		at += RTA_ALIGN(a->rta_len);
	}
}

/* {AF_INET: {CONF: [values]}, AF_INET6: {CONF: [values]}} */
static void read_conf(struct state_link *l, const struct rtattr *spec)
{
	const struct rtattr *family[AF_INET6 + 1], *v4[IFLA_INET_CONF + 1], *v6[IFLA_INET6_MAX + 1];
	size_t n4, n6;
	const int32_t *conf4, *conf6;

	netlink_parse_nested(spec, family, AF_INET6);
	netlink_parse_nested(family[AF_INET], v4, IFLA_INET_CONF);
	netlink_parse_nested(family[AF_INET6], v6, IFLA_INET6_MAX);
	conf4 = netlink_data(v4[IFLA_INET_CONF], &n4);
	conf6 = netlink_data(v6[IFLA_INET6_CONF], &n6);
	/* Their numbers begin at 1 there and at 0 here (linux/ip.h, linux/ipv6.h). */
	l->promotes = n4 / 4 >= IPV4_DEVCONF_PROMOTE_SECONDARIES &&
		      conf4[IPV4_DEVCONF_PROMOTE_SECONDARIES - 1];
	l->accept_ra = n6 / 4 > DEVCONF_ACCEPT_RA ? conf6[DEVCONF_ACCEPT_RA] : -1;
	l->use_tempaddr = n6 / 4 > DEVCONF_USE_TEMPADDR ? conf6[DEVCONF_USE_TEMPADDR] : -1;
}

static int add_link(void *arg, const struct nlmsghdr *h)
{
	struct state *s = arg;
	const struct ifinfomsg *i = NLMSG_DATA(h);
	const struct rtattr *a[IFLA_MAX + 1];
	struct state_link *l;
	char alias[64];

	if (h->nlmsg_type != RTM_NEWLINK || h->nlmsg_len < NLMSG_LENGTH(sizeof(*i)))
		return 0;
	l = grow((void **)&s->links, s->n_links, sizeof(*l), STATE_LINKS);
	if (!l)
		return s->n_links >= STATE_LINKS ? 0 : -ENOMEM;
	netlink_parse(h, sizeof(*i), a, IFLA_MAX);
	*l = (struct state_link){ .index = i->ifi_index,
				  .master = (int)netlink_get_u32(a[IFLA_MASTER], 0),
				  .lower = (int)netlink_get_u32(a[IFLA_LINK], 0),
				  .mtu = (int)netlink_get_u32(a[IFLA_MTU], 0),
				  .up = i->ifi_flags & IFF_UP,
				  .carrier = i->ifi_flags & FLAG_LOWER_UP,
				  .loopback = i->ifi_flags & IFF_LOOPBACK };
	netlink_get_text(a[IFLA_IFNAME], l->name, sizeof(l->name));
	mac_text(a[IFLA_ADDRESS], l->mac);
	mac_text(a[IFLA_PERM_ADDRESS], l->permanent_mac);
	netlink_get_text(a[IFLA_IFALIAS], alias, sizeof(alias));
	l->ours = !strcmp(alias, STATE_ALIAS);
	read_info(l, a[IFLA_LINKINFO]);
	read_altnames(l, a[IFLA_PROP_LIST]);
	read_conf(l, a[IFLA_AF_SPEC]);
	if (!l->kind[0] && !l->loopback)
		driver_name(l->name, l->driver, sizeof(l->driver));
	s->n_links++;
	return 0;
}

/* --- addresses and routes --- */

static void address_text(int family, const struct rtattr *a, char *ret)
{
	size_t len;
	const void *data = netlink_data(a, &len);

	ret[0] = '\0';
	if (len >= (family == AF_INET6 ? 16 : 4))
		(void)inet_ntop(family, data, ret, INET6_ADDRSTRLEN);
}

static void cidr_text(int family, const struct rtattr *a, int length, char *ret)
{
	char host[INET6_ADDRSTRLEN];

	address_text(family, a, host);
	if (!host[0])
		(void)snprintf(host, sizeof(host), family == AF_INET6 ? "::" : "0.0.0.0");
	(void)snprintf(ret, NETWORK_ADDRESS, "%s/%d", host, length);
}

static int add_address(void *arg, const struct nlmsghdr *h)
{
	struct state *s = arg;
	const struct ifaddrmsg *i = NLMSG_DATA(h);
	const struct rtattr *a[IFA_PROTO + 1];
	struct state_address *l;
	uint32_t flags;
	uint8_t proto;

	if (h->nlmsg_type != RTM_NEWADDR || h->nlmsg_len < NLMSG_LENGTH(sizeof(*i)) ||
	    (i->ifa_family != AF_INET && i->ifa_family != AF_INET6))
		return 0;
	l = grow((void **)&s->addresses, s->n_addresses, sizeof(*l), STATE_ITEMS);
	if (!l)
		return s->n_addresses >= STATE_ITEMS ? 0 : -ENOMEM;
	netlink_parse(h, sizeof(*i), a, IFA_PROTO);
	flags = netlink_get_u32(a[IFA_FLAGS], i->ifa_flags);
	proto = netlink_get_u8(a[IFA_PROTO], 0);
	*l = (struct state_address){ .link = (int)i->ifa_index,
				     .ours = proto == STATE_PROTOCOL,
				     .permanent = flags & IFA_F_PERMANENT };
	/* An address of privacy comes with an advertised one, and does not say so. */
	l->advertised =
		proto == IFA_PROTO_RA || (i->ifa_family == AF_INET6 && (flags & IFA_F_TEMPORARY));
	l->kernel = l->advertised || proto == IFA_PROTO_LL ||
		    (i->ifa_family == AF_INET6 && i->ifa_scope == RT_SCOPE_LINK);
	/* Beside another one of its network that route is the other one's. */
	l->bare = i->ifa_family == AF_INET && (flags & IFA_F_NOPREFIXROUTE) &&
		  !(flags & IFA_F_SECONDARY);
	cidr_text(i->ifa_family, a[IFA_LOCAL] ? a[IFA_LOCAL] : a[IFA_ADDRESS], i->ifa_prefixlen,
		  l->cidr);
	s->n_addresses++;
	return 0;
}

static uint32_t route_mtu(const struct rtattr *metrics)
{
	const struct rtattr *a[RTAX_MAX + 1];

	netlink_parse_nested(metrics, a, RTAX_MAX);
	return netlink_get_u32(a[RTAX_MTU], 0);
}

/* Via a gateway of the other family: {family, address}. */
static void via_text(const struct rtattr *via, char *ret)
{
	size_t len;
	const unsigned char *data = netlink_data(via, &len);
	uint16_t family = 0;

	if (len >= sizeof(family))
		memcpy(&family, data, sizeof(family));
	if (family == AF_INET6 && len >= 18)
		(void)inet_ntop(AF_INET6, data + 2, ret, INET6_ADDRSTRLEN);
}

static int add_route(void *arg, const struct nlmsghdr *h)
{
	struct state *s = arg;
	const struct rtmsg *i = NLMSG_DATA(h);
	const struct rtattr *a[RTA_MAX + 1];
	struct state_route *l;

	if (h->nlmsg_type != RTM_NEWROUTE || h->nlmsg_len < NLMSG_LENGTH(sizeof(*i)) ||
	    i->rtm_type != RTN_UNICAST || (i->rtm_flags & RTM_F_CLONED) ||
	    i->rtm_protocol == RTPROT_KERNEL)
		return 0;
	l = grow((void **)&s->routes, s->n_routes, sizeof(*l), STATE_ITEMS);
	if (!l)
		return s->n_routes >= STATE_ITEMS ? 0 : -ENOMEM;
	netlink_parse(h, sizeof(*i), a, RTA_MAX);
	*l = (struct state_route){ .link = (int)netlink_get_u32(a[RTA_OIF], 0),
				   .table = netlink_get_u32(a[RTA_TABLE], i->rtm_table),
				   .metric = netlink_get_u32(a[RTA_PRIORITY], 0),
				   .mtu = route_mtu(a[RTA_METRICS]),
				   .protocol = i->rtm_protocol,
				   .on_link = i->rtm_flags & RTNH_F_ONLINK };
	cidr_text(i->rtm_family, a[RTA_DST], i->rtm_dst_len, l->to);
	address_text(i->rtm_family, a[RTA_GATEWAY], l->via);
	via_text(a[RTA_VIA], l->via);
	s->n_routes++;
	return 0;
}

static int add_rule(void *arg, const struct nlmsghdr *h)
{
	struct state *s = arg;
	const struct fib_rule_hdr *i = NLMSG_DATA(h);
	const struct rtattr *a[FRA_MAX + 1];
	struct state_rule *l;

	if (h->nlmsg_type != RTM_NEWRULE || h->nlmsg_len < NLMSG_LENGTH(sizeof(*i)))
		return 0;
	l = grow((void **)&s->rules, s->n_rules, sizeof(*l), STATE_ITEMS);
	if (!l)
		return s->n_rules >= STATE_ITEMS ? 0 : -ENOMEM;
	netlink_parse(h, sizeof(*i), a, FRA_MAX);
	*l = (struct state_rule){ .v6 = i->family == AF_INET6,
				  .ours = netlink_get_u8(a[FRA_PROTOCOL], 0) == STATE_PROTOCOL,
				  .table = netlink_get_u32(a[FRA_TABLE], i->table),
				  .priority = netlink_get_u32(a[FRA_PRIORITY], 0),
				  .mark = netlink_get_u32(a[FRA_FWMARK], 0) };
	if (a[FRA_SRC])
		cidr_text(i->family, a[FRA_SRC], i->src_len, l->from);
	if (a[FRA_DST])
		cidr_text(i->family, a[FRA_DST], i->dst_len, l->to);
	s->n_rules++;
	return 0;
}

/* --- all of it --- */

struct question {
	int type;
	int (*fn)(void *arg, const struct nlmsghdr *h);
};

static int dump(int fd, struct state *s, const struct question *q, const void *part, size_t size,
		struct error *err)
{
	AUTO_FREE struct netlink_msg *m = malloc(sizeof(*m));

	if (!m)
		return error_set(err, ENOMEM, "netlink: no memory");
	netlink_begin(m, q->type, 0, part, size);
	return netlink_dump(fd, m, q->fn, s, err);
}

static int dump_links(int fd, struct state *s, struct error *err)
{
	const struct question links = { RTM_GETLINK, add_link };
	const struct ifinfomsg part = { 0 };

	return dump(fd, s, &links, &part, sizeof(part), err);
}

static int dump_family(int fd, struct state *s, uint8_t family, struct error *err)
{
	const struct question addresses = { RTM_GETADDR, add_address };
	const struct question routes = { RTM_GETROUTE, add_route };
	const struct question rules = { RTM_GETRULE, add_rule };
	const struct ifaddrmsg address = { .ifa_family = family };
	const struct rtmsg route = { .rtm_family = family };
	const struct fib_rule_hdr rule = { .family = family };
	int r = dump(fd, s, &addresses, &address, sizeof(address), err);

	if (r == 0)
		r = dump(fd, s, &routes, &route, sizeof(route), err);
	if (r == 0)
		r = dump(fd, s, &rules, &rule, sizeof(rule), err);
	/* A kernel without IPv6, or without policy routing, has none of these. */
	return r == -EOPNOTSUPP || r == -EAFNOSUPPORT ? 0 : r;
}

int state_read_links(int fd, struct state *ret, struct error *err)
{
	*ret = (struct state){ 0 };
	return dump_links(fd, ret, err);
}

int state_read(int fd, struct state *ret, struct error *err)
{
	int r;

	*ret = (struct state){ 0 };
	r = dump_links(fd, ret, err);
	if (r == 0)
		r = dump_family(fd, ret, AF_INET, err);
	if (r == 0)
		r = dump_family(fd, ret, AF_INET6, err);
	return r < 0 ? error_wrap(err, r, "read the network") : 0;
}

void state_done(struct state *s)
{
	free(s->links);
	free(s->addresses);
	free(s->routes);
	free(s->rules);
	*s = (struct state){ 0 };
}

const struct state_link *state_find_link(const struct state *s, const char *name)
{
	for (size_t i = 0; i < s->n_links; i++)
		if (!strcmp(s->links[i].name, name))
			return &s->links[i];
	for (size_t i = 0; i < s->n_links; i++)
		for (size_t k = 0; k < STATE_ALTNAMES; k++)
			if (s->links[i].altname[k][0] && !strcmp(s->links[i].altname[k], name))
				return &s->links[i];
	return NULL;
}

const struct state_link *state_link_at(const struct state *s, int index)
{
	for (size_t i = 0; index && i < s->n_links; i++)
		if (s->links[i].index == index)
			return &s->links[i];
	return NULL;
}
