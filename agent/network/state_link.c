/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Links, as the kernel's messages describe them.
 */
#include <errno.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "agent/network/driver.h"
#include "agent/network/kernel_option.h"
#include "agent/network/netlink_get.h"
#include "agent/network/state.h"
#include "agent/network/state_read.h"

#define FLAG_LOWER_UP 0x10000

static void mac_text(const struct rtattr *a, char ret[24])
{
	size_t len;
	const unsigned char *m = netlink_get_data(a, &len);

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

	netlink_get_nested(data, a, ARRAY_LEN(a) - 1);
	for (const struct kernel_option *o = kernel_option_all(l->kind); o->name; o++)
		if (o->attr < ARRAY_LEN(a) && a[o->attr] && l->n_options < STATE_OPTIONS)
			l->option[l->n_options++] =
				(struct state_option){ o->name, number_of(o, a[o->attr]) };
}

static void read_info(struct state_link *l, const struct rtattr *info)
{
	const struct rtattr *a[IFLA_INFO_MAX + 1], *vlan[IFLA_VLAN_MAX + 1];

	netlink_get_nested(info, a, IFLA_INFO_MAX);
	netlink_get_text(a[IFLA_INFO_KIND], l->kind, sizeof(l->kind));
	if (!strcmp(l->kind, "vlan")) {
		netlink_get_nested(a[IFLA_INFO_DATA], vlan, IFLA_VLAN_MAX);
		l->vlan_id = netlink_get_u16(vlan[IFLA_VLAN_ID], 0);
	}
	read_options(l, a[IFLA_INFO_DATA]);
}

static void read_altnames(struct state_link *l, const struct rtattr *list)
{
	size_t len, n = 0;
	const char *data = netlink_get_data(list, &len);

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

	netlink_get_nested(spec, family, AF_INET6);
	netlink_get_nested(family[AF_INET], v4, IFLA_INET_CONF);
	netlink_get_nested(family[AF_INET6], v6, IFLA_INET6_MAX);
	conf4 = netlink_get_data(v4[IFLA_INET_CONF], &n4);
	conf6 = netlink_get_data(v6[IFLA_INET6_CONF], &n6);
	/* Their numbers begin at 1 there and at 0 here (linux/ip.h, linux/ipv6.h). */
	l->promotes = n4 / 4 >= IPV4_DEVCONF_PROMOTE_SECONDARIES &&
		      conf4[IPV4_DEVCONF_PROMOTE_SECONDARIES - 1];
	l->accept_ra = n6 / 4 > DEVCONF_ACCEPT_RA ? conf6[DEVCONF_ACCEPT_RA] : -1;
	l->use_tempaddr = n6 / 4 > DEVCONF_USE_TEMPADDR ? conf6[DEVCONF_USE_TEMPADDR] : -1;
}

int state_link_add(void *arg, const struct nlmsghdr *h)
{
	struct state *s = arg;
	const struct ifinfomsg *i = NLMSG_DATA(h);
	const struct rtattr *a[IFLA_MAX + 1];
	struct state_link *l;
	char alias[64];

	if (h->nlmsg_type != RTM_NEWLINK || h->nlmsg_len < NLMSG_LENGTH(sizeof(*i)))
		return 0;
	l = state_read_grow((void **)&s->links, s->n_links, sizeof(*l), STATE_LINKS);
	if (!l)
		return s->n_links >= STATE_LINKS ? 0 : -ENOMEM;
	netlink_get_attrs(h, sizeof(*i), a, IFLA_MAX);
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
	if (!l->kind[0] && !l->loopback) {
		driver_name(l->name, l->driver, sizeof(l->driver));
		l->wakes = driver_wakes(l->name);
	}
	s->n_links++;
	return 0;
}
