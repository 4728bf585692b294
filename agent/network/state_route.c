/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses, routes and rules, as the kernel's messages describe them.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

#include "agent/network/netlink_get.h"
#include "agent/network/state.h"
#include "agent/network/state_read.h"

#ifndef IFA_PROTO
#define IFA_PROTO 11
#endif
#define IFA_PROTO_RA 2
#define IFA_PROTO_LL 3

static void address_text(int family, const struct rtattr *a, char *ret)
{
	size_t len;
	const void *data = netlink_get_data(a, &len);

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

int state_route_add_address(void *arg, const struct nlmsghdr *h)
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
	l = state_read_grow((void **)&s->addresses, s->n_addresses, sizeof(*l), STATE_ITEMS);
	if (!l)
		return s->n_addresses >= STATE_ITEMS ? 0 : -ENOMEM;
	netlink_get_attrs(h, sizeof(*i), a, IFA_PROTO);
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

	netlink_get_nested(metrics, a, RTAX_MAX);
	return netlink_get_u32(a[RTAX_MTU], 0);
}

/* Via a gateway of the other family: {family, address}. */
static void via_text(const struct rtattr *via, char *ret)
{
	size_t len;
	const unsigned char *data = netlink_get_data(via, &len);
	uint16_t family = 0;

	if (len >= sizeof(family))
		memcpy(&family, data, sizeof(family));
	if (family == AF_INET6 && len >= 18)
		(void)inet_ntop(AF_INET6, data + 2, ret, INET6_ADDRSTRLEN);
}

int state_route_add(void *arg, const struct nlmsghdr *h)
{
	struct state *s = arg;
	const struct rtmsg *i = NLMSG_DATA(h);
	const struct rtattr *a[RTA_MAX + 1];
	struct state_route *l;

	if (h->nlmsg_type != RTM_NEWROUTE || h->nlmsg_len < NLMSG_LENGTH(sizeof(*i)) ||
	    i->rtm_type != RTN_UNICAST || (i->rtm_flags & RTM_F_CLONED) ||
	    i->rtm_protocol == RTPROT_KERNEL)
		return 0;
	l = state_read_grow((void **)&s->routes, s->n_routes, sizeof(*l), STATE_ITEMS);
	if (!l)
		return s->n_routes >= STATE_ITEMS ? 0 : -ENOMEM;
	netlink_get_attrs(h, sizeof(*i), a, RTA_MAX);
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

int state_route_add_rule(void *arg, const struct nlmsghdr *h)
{
	struct state *s = arg;
	const struct fib_rule_hdr *i = NLMSG_DATA(h);
	const struct rtattr *a[FRA_MAX + 1];
	struct state_rule *l;

	if (h->nlmsg_type != RTM_NEWRULE || h->nlmsg_len < NLMSG_LENGTH(sizeof(*i)))
		return 0;
	l = state_read_grow((void **)&s->rules, s->n_rules, sizeof(*l), STATE_ITEMS);
	if (!l)
		return s->n_rules >= STATE_ITEMS ? 0 : -ENOMEM;
	netlink_get_attrs(h, sizeof(*i), a, FRA_MAX);
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
