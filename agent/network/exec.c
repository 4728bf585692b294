/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Steps on links as netlink messages. Links are looked up by name at the time: a step before may
 * have made them.
 */
#include "agent/network/exec.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/network/driver.h"
#include "agent/network/exec_route.h"
#include "agent/network/kernel_option.h"
#include "agent/network/netlink.h"

#define TARGETS_MAX 16

/* --- links --- */

/* Begin to change a link. */
static void begin_at(struct netlink_msg *m, int index)
{
	const struct ifinfomsg part = { .ifi_index = index };

	netlink_begin(m, RTM_NEWLINK, 0, &part, sizeof(part));
}

static int begin_set(struct netlink_msg *m, const char *name, unsigned flags, unsigned change,
		     struct error *err)
{
	struct ifinfomsg part = { .ifi_flags = flags, .ifi_change = change };
	int r = netlink_index(name, &part.ifi_index, err);

	if (r == 0)
		netlink_begin(m, RTM_NEWLINK, 0, &part, sizeof(part));
	return r;
}

static void put_number(struct netlink_msg *m, const struct kernel_option *o, int64_t value)
{
	if (o->size == 1)
		netlink_u8(m, o->attr, (uint8_t)value);
	else if (o->size == 2)
		netlink_u16(m, o->attr, (uint16_t)value);
	else
		netlink_u32(m, o->attr, (uint32_t)value);
}

static void put_targets(struct netlink_msg *m, const char *list)
{
	size_t nest = netlink_nest(m, IFLA_BOND_ARP_IP_TARGET);
	char copy[256], *save = NULL;
	uint16_t n = 0;

	(void)snprintf(copy, sizeof(copy), "%s", list);
	for (char *w = strtok_r(copy, ", ", &save); w && n < TARGETS_MAX;
	     w = strtok_r(NULL, ", ", &save)) {
		struct in_addr a;

		if (inet_pton(AF_INET, w, &a) == 1)
			netlink_attr(m, n++, &a, sizeof(a));
	}
	netlink_end(m, nest);
}

/* Options that a link of this kind is made with. */
static void put_options(struct netlink_msg *m, const char *kind, const struct network_group *g)
{
	const char *targets = network_option(g, "arp_ip_target");

	for (size_t i = 0; i < g->n_options; i++) {
		const struct kernel_option *o = kernel_option_find(kind, g->option[i].name);
		int64_t value;

		if (o && o->size && kernel_option_value(o, g->option[i].value, &value))
			put_number(m, o, value);
	}
	if (targets && !strcmp(kind, "bond"))
		put_targets(m, targets);
}

static int add_link(int fd, const struct change *c, struct netlink_msg *m, struct error *err)
{
	const struct ifinfomsg part = { 0 };
	const struct want *w = c->want;
	size_t info, data;
	int lower = 0, r = w->lower[0] ? netlink_index(w->lower, &lower, err) : 0;

	if (r < 0)
		return r;
	netlink_begin(m, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &part, sizeof(part));
	netlink_text(m, IFLA_IFNAME, c->link);
	if (lower)
		netlink_u32(m, IFLA_LINK, (uint32_t)lower);
	info = netlink_nest(m, IFLA_LINKINFO);
	netlink_text(m, IFLA_INFO_KIND, w->kind);
	data = netlink_nest(m, IFLA_INFO_DATA);
	if (w->lower[0])
		netlink_u16(m, IFLA_VLAN_ID, (uint16_t)w->nic->vlan.id);
	put_options(m, w->kind, w->nic->bond.is ? &w->nic->bond : &w->nic->bridge);
	netlink_end(m, data);
	netlink_end(m, info);
	r = netlink_ask(fd, m, err);
	if (r < 0)
		return r;
	/* The alias cannot be given at once. */
	r = begin_set(m, c->link, 0, 0, err);
	netlink_text(m, IFLA_IFALIAS, STATE_ALIAS);
	return r < 0 ? r : netlink_ask(fd, m, err);
}

static int del_link(int fd, const struct change *c, struct netlink_msg *m, struct error *err)
{
	struct ifinfomsg part = { 0 };
	int r = netlink_index(c->link, &part.ifi_index, err);

	if (r < 0)
		return 0;
	netlink_begin(m, RTM_DELLINK, 0, &part, sizeof(part));
	return netlink_ask(fd, m, err);
}

static int set_up(int fd, const char *name, bool up, struct netlink_msg *m, struct error *err)
{
	int r = begin_set(m, name, up ? IFF_UP : 0, IFF_UP, err);

	return r < 0 ? r : netlink_ask(fd, m, err);
}

static int bring_up(int fd, const struct change *c, struct netlink_msg *m, struct error *err)
{
	return set_up(fd, c->link, true, m, err);
}

/* Another link may have the name that this one is to get: it steps aside. */
static int rename_link(int fd, const struct change *c, struct netlink_msg *m, struct error *err)
{
	unsigned other = if_nametoindex(c->text);
	char aside[NETWORK_NAME];
	int r;

	if (other == (unsigned)c->number)
		return 0;
	if (other) {
		(void)snprintf(aside, sizeof(aside), "rn%u", other);
		begin_at(m, (int)other);
		netlink_text(m, IFLA_IFNAME, aside);
		r = netlink_ask(fd, m, err);
		if (r < 0)
			return error_wrap(err, r, "%s is taken", c->text);
	}
	begin_at(m, (int)c->number);
	netlink_text(m, IFLA_IFNAME, c->text);
	return netlink_ask(fd, m, err);
}

static int set_mac(int fd, const struct change *c, struct netlink_msg *m, struct error *err)
{
	unsigned char mac[6];
	int r = begin_set(m, c->link, 0, 0, err);

	if (sscanf(c->text, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx", &mac[0], &mac[1], &mac[2],
		   &mac[3], &mac[4], &mac[5]) != 6)
		return error_set(err, EINVAL, "%s: no MAC address", c->text);
	netlink_attr(m, IFLA_ADDRESS, mac, sizeof(mac));
	return r < 0 ? r : netlink_ask(fd, m, err);
}

static int set_mtu(int fd, const struct change *c, struct netlink_msg *m, struct error *err)
{
	int r = begin_set(m, c->link, 0, 0, err);

	netlink_u32(m, IFLA_MTU, (uint32_t)c->number);
	return r < 0 ? r : netlink_ask(fd, m, err);
}

/* A bond takes members that are down; it brings them up itself. */
static int set_master(int fd, const struct change *c, struct netlink_msg *m, struct error *err)
{
	int master = 0, r = c->text[0] ? netlink_index(c->text, &master, err) : 0;

	if (r == 0 && master)
		r = set_up(fd, c->link, false, m, err);
	if (r == 0)
		r = begin_set(m, c->link, 0, 0, err);
	if (r < 0)
		return r;
	netlink_u32(m, IFLA_MASTER, (uint32_t)master);
	r = netlink_ask(fd, m, err);
	return r < 0 ? r : set_up(fd, c->link, true, m, err);
}

static int set_option(int fd, const struct change *c, struct netlink_msg *m, struct error *err)
{
	const char *kind = kernel_option_find("bond", c->key) ? "bond" : "bridge";
	const struct kernel_option *o = kernel_option_find(kind, c->key);
	size_t info, data;
	int64_t value = 0;
	int member = 0, r = begin_set(m, c->link, 0, 0, err);

	if (r == 0 && o && o->size == 0)
		r = netlink_index(c->text, &member, err);
	if (r < 0 || !o)
		return r;
	if (o->size && !kernel_option_value(o, c->text, &value))
		return error_set(err, EINVAL, "%s cannot be %s", c->key, c->text);
	info = netlink_nest(m, IFLA_LINKINFO);
	netlink_text(m, IFLA_INFO_KIND, kind);
	data = netlink_nest(m, IFLA_INFO_DATA);
	put_number(m, o, o->size ? value : member);
	netlink_end(m, data);
	netlink_end(m, info);
	return netlink_ask(fd, m, err);
}

static int set_port(int fd, const struct change *c, struct netlink_msg *m, struct error *err)
{
	long value = strtol(c->text, NULL, 10);
	size_t info;
	int r = begin_set(m, c->link, 0, 0, err);
	struct ifinfomsg *part = (struct ifinfomsg *)(void *)(m->data + NLMSG_HDRLEN);

	if (r < 0)
		return r;
	part->ifi_family = AF_BRIDGE;
	info = netlink_nest(m, IFLA_PROTINFO);
	if (!strcmp(c->key, "path_cost"))
		netlink_u32(m, IFLA_BRPORT_COST, (uint32_t)value);
	else
		netlink_u16(m, IFLA_BRPORT_PRIORITY, (uint16_t)value);
	netlink_end(m, info);
	return netlink_ask(fd, m, err);
}

static int set_sysctl(int fd, const struct change *c, struct netlink_msg *m, struct error *err)
{
	const char *at = strstr(c->key, "%s");
	char path[128], text[24];
	AUTO_CLOSE int file = -1;
	int n = snprintf(text, sizeof(text), "%lld\n", (long long)c->number);

	(void)fd, (void)m;
	(void)snprintf(path, sizeof(path), "/proc/sys/net/%.*s%s%s", at ? (int)(at - c->key) : 0,
		       c->key, c->link, at ? at + 2 : "");
	file = open(path, O_WRONLY | O_CLOEXEC);
	/* Without IPv6 there is nothing to set. */
	if (file < 0 && errno == ENOENT)
		return 0;
	if (file < 0 || write(file, text, (size_t)n) != n)
		return error_sys(err, errno, "%s", path);
	return 0;
}

static int set_wake(int fd, const struct change *c, struct netlink_msg *m, struct error *err)
{
	(void)fd, (void)m;
	return driver_set_wake(c->link, c->number, err);
}

int exec_change(int fd, const struct change *c, struct error *err)
{
	static int (*const steps[])(int fd, const struct change *c, struct netlink_msg *m,
				    struct error *err) = {
		[CHANGE_LINK_ADD] = add_link,
		[CHANGE_LINK_DEL] = del_link,
		[CHANGE_RENAME] = rename_link,
		[CHANGE_MAC] = set_mac,
		[CHANGE_OPTION] = set_option,
		[CHANGE_PORT] = set_port,
		[CHANGE_MASTER] = set_master,
		[CHANGE_MTU] = set_mtu,
		[CHANGE_SYSCTL] = set_sysctl,
		[CHANGE_UP] = bring_up,
		[CHANGE_WAKE] = set_wake,
		[CHANGE_ADDRESS_ADD] = exec_route_address,
		[CHANGE_ADDRESS_DEL] = exec_route_address,
		[CHANGE_ROUTE_ADD] = exec_route,
		[CHANGE_ROUTE_DEL] = exec_route,
		[CHANGE_RULE_ADD] = exec_route_rule,
		[CHANGE_RULE_DEL] = exec_route_rule,
	};
	AUTO_FREE struct netlink_msg *m = malloc(sizeof(*m));
	AUTO_BUF struct buf text = { 0 };
	int r;

	if (!m)
		return error_set(err, ENOMEM, "netlink: no memory");
	*m = (struct netlink_msg){ 0 };
	r = steps[c->kind](fd, c, m, err);
	if (r < 0) {
		change_text(c, &text);
		return error_wrap(err, r, "%s", buf_text(&text));
	}
	return 0;
}
