/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Steps on addresses, routes and rules as netlink messages.
 */
#include "agent/network/exec_route.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/network/address.h"

#ifndef IFA_PROTO
#define IFA_PROTO 11
#endif

/* "a/len" in binary; returns the address' size, 0 when it is none. */
static uint8_t binary(const char *cidr, unsigned char ret[16], uint8_t *ret_family,
		      uint8_t *ret_length)
{
	char host[NETWORK_ADDRESS];
	size_t len = strcspn(cidr, "/");
	bool v6 = network_is_v6(cidr);

	(void)snprintf(host, sizeof(host), "%.*s", (int)len, cidr);
	*ret_family = v6 ? AF_INET6 : AF_INET;
	*ret_length = (uint8_t)(cidr[len] ? strtol(cidr + len + 1, NULL, 10) : v6 ? 128 : 32);
	if (inet_pton(*ret_family, host, ret) != 1)
		return 0;
	return v6 ? 16 : 4;
}

static void put_broadcast(struct netlink_msg *m, const unsigned char *a, unsigned length)
{
	uint32_t host;

	memcpy(&host, a, sizeof(host));
	if (length < 31) {
		host |= htonl(length ? 0xffffffffu >> length : 0xffffffffu);
		netlink_u32(m, IFA_BROADCAST, host);
	}
}

static int send_address(int fd, const char *cidr, int index, bool adds, struct netlink_msg *m,
			struct error *err)
{
	struct ifaddrmsg part = { .ifa_index = (unsigned)index };
	unsigned char a[16];
	uint8_t size = binary(cidr, a, &part.ifa_family, &part.ifa_prefixlen);
	int r;

	if (!size)
		return error_set(err, EINVAL, "%s: no address", cidr);
	netlink_begin(m, adds ? RTM_NEWADDR : RTM_DELADDR, adds ? NLM_F_CREATE | NLM_F_REPLACE : 0,
		      &part, sizeof(part));
	netlink_attr(m, IFA_LOCAL, a, size);
	netlink_attr(m, IFA_ADDRESS, a, size);
	if (adds && size == 4)
		put_broadcast(m, a, part.ifa_prefixlen);
	if (adds)
		netlink_u8(m, IFA_PROTO, STATE_PROTOCOL);
	r = netlink_ask(fd, m, err);
	return (adds && r == -EEXIST) || (!adds && r == -EADDRNOTAVAIL) ? 0 : r;
}

/* The route to an address' network just as the kernel makes it: it goes with the address. */
static int send_network(int fd, const char *cidr, int index, struct netlink_msg *m,
			struct error *err)
{
	struct rtmsg part = { .rtm_protocol = RTPROT_KERNEL,
			      .rtm_type = RTN_UNICAST,
			      .rtm_scope = RT_SCOPE_LINK,
			      .rtm_table = RT_TABLE_MAIN };
	unsigned char a[16];
	uint8_t size = binary(cidr, a, &part.rtm_family, &part.rtm_dst_len);
	uint32_t network;
	int r;

	if (size != sizeof(network) || !part.rtm_dst_len || part.rtm_dst_len > 31)
		return 0;
	memcpy(&network, a, sizeof(network));
	network &= htonl(~(0xffffffffu >> part.rtm_dst_len));
	netlink_begin(m, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_APPEND, &part, sizeof(part));
	netlink_u32(m, RTA_DST, network);
	netlink_attr(m, RTA_PREFSRC, a, size);
	netlink_u32(m, RTA_OIF, (uint32_t)index);
	r = netlink_ask(fd, m, err);
	return r == -EEXIST ? 0 : r;
}

int exec_route_address(int fd, const struct change *c, struct netlink_msg *m, struct error *err)
{
	bool adds = c->kind == CHANGE_ADDRESS_ADD;
	int index = 0, r = netlink_index(c->link, &index, err);

	if (r < 0)
		return adds ? r : 0;
	r = send_address(fd, c->text, index, adds, m, err);
	return r == 0 && adds && c->number == CHANGE_ADDRESS_BARE
		       ? send_network(fd, c->text, index, m, err)
		       : r;
}

/* A gateway of IPv6 may lead to IPv4. */
static void put_via(struct netlink_msg *m, const char *via, uint8_t family)
{
	unsigned char a[16], both[18];
	uint8_t via_family, length, size = binary(via, a, &via_family, &length);
	const uint16_t number = via_family;

	if (via_family == family) {
		netlink_attr(m, RTA_GATEWAY, a, size);
		return;
	}
	memcpy(both, &number, sizeof(number));
	memcpy(both + 2, a, size);
	netlink_attr(m, RTA_VIA, both, 2u + size);
}

int exec_route(int fd, const struct change *c, struct netlink_msg *m, struct error *err)
{
	bool adds = c->kind == CHANGE_ROUTE_ADD;
	const struct state_route *route = &c->route;
	struct rtmsg part = { .rtm_protocol = adds ? STATE_PROTOCOL : route->protocol,
			      .rtm_type = RTN_UNICAST,
			      .rtm_scope = route->via[0] || network_is_v6(route->to)
						   ? RT_SCOPE_UNIVERSE
						   : RT_SCOPE_LINK,
			      .rtm_flags = route->on_link && adds ? RTNH_F_ONLINK : 0 };
	unsigned char a[16];
	uint8_t size = binary(route->to, a, &part.rtm_family, &part.rtm_dst_len);
	int index = 0, r = c->link[0] ? netlink_index(c->link, &index, err) : 0;
	size_t nest;

	if (r < 0)
		return adds ? r : 0;
	netlink_begin(m, adds ? RTM_NEWROUTE : RTM_DELROUTE,
		      adds ? NLM_F_CREATE | NLM_F_REPLACE : 0, &part, sizeof(part));
	if (part.rtm_dst_len)
		netlink_attr(m, RTA_DST, a, size);
	if (route->via[0])
		put_via(m, route->via, part.rtm_family);
	if (index)
		netlink_u32(m, RTA_OIF, (uint32_t)index);
	netlink_u32(m, RTA_TABLE, route->table);
	if (route->metric)
		netlink_u32(m, RTA_PRIORITY, route->metric);
	if (route->mtu && adds) {
		nest = netlink_nest(m, RTA_METRICS);
		netlink_u32(m, RTAX_MTU, route->mtu);
		netlink_end(m, nest);
	}
	r = netlink_ask(fd, m, err);
	return !adds && r == -ESRCH ? 0 : r;
}

int exec_route_rule(int fd, const struct change *c, struct netlink_msg *m, struct error *err)
{
	bool adds = c->kind == CHANGE_RULE_ADD;
	struct fib_rule_hdr part = { .family = c->rule.v6 ? AF_INET6 : AF_INET,
				     .action = FR_ACT_TO_TBL };
	unsigned char from[16], to[16];
	uint8_t family, from_size = 0, to_size = 0;
	int r;

	if (c->rule.from[0])
		from_size = binary(c->rule.from, from, &family, &part.src_len);
	if (c->rule.to[0])
		to_size = binary(c->rule.to, to, &family, &part.dst_len);
	netlink_begin(m, adds ? RTM_NEWRULE : RTM_DELRULE, adds ? NLM_F_CREATE : 0, &part,
		      sizeof(part));
	if (from_size)
		netlink_attr(m, FRA_SRC, from, from_size);
	if (to_size)
		netlink_attr(m, FRA_DST, to, to_size);
	netlink_u32(m, FRA_TABLE, c->rule.table);
	if (c->rule.priority)
		netlink_u32(m, FRA_PRIORITY, c->rule.priority);
	if (c->rule.mark)
		netlink_u32(m, FRA_FWMARK, c->rule.mark);
	netlink_u8(m, FRA_PROTOCOL, STATE_PROTOCOL);
	r = netlink_ask(fd, m, err);
	return (adds && r == -EEXIST) || (!adds && r == -ENOENT) ? 0 : r;
}
