/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Steps in ip(8)'s words.
 */
#include "agent/network/change_list.h"

#include <inttypes.h>
#include <string.h>

static void route_text(const struct change *c, const char *verb, struct buf *out)
{
	buf_fmt(out, "ip route %s %s", verb, c->route.to);
	if (c->route.via[0])
		buf_fmt(out, " via %s", c->route.via);
	buf_fmt(out, " dev %s", c->link);
	if (c->route.metric)
		buf_fmt(out, " metric %" PRIu32, c->route.metric);
	if (c->route.table != 254)
		buf_fmt(out, " table %" PRIu32, c->route.table);
	if (c->route.on_link)
		buf_str(out, " onlink");
}

static void rule_text(const struct change *c, const char *verb, struct buf *out)
{
	buf_fmt(out, "ip rule %s from %s", verb, c->rule.from[0] ? c->rule.from : "all");
	if (c->rule.to[0])
		buf_fmt(out, " to %s", c->rule.to);
	if (c->rule.mark)
		buf_fmt(out, " fwmark %" PRIu32, c->rule.mark);
	buf_fmt(out, " table %" PRIu32, c->rule.table);
	if (c->rule.priority)
		buf_fmt(out, " priority %" PRIu32, c->rule.priority);
}

static void link_text(const struct change *c, struct buf *out)
{
	const struct want *w = c->want;

	buf_fmt(out, "ip link add %s", c->link);
	if (w && w->lower[0])
		buf_fmt(out, " link %s", w->lower);
	if (w)
		buf_fmt(out, " type %s", w->kind);
	if (w && w->lower[0])
		buf_fmt(out, " id %" PRId64, w->nic->vlan.id);
}

static void sysctl_text(const struct change *c, struct buf *out)
{
	const char *at = strstr(c->key, "%s");

	buf_fmt(out, "sysctl net/%.*s%s%s=%" PRId64, at ? (int)(at - c->key) : 0, c->key, c->link,
		at ? at + 2 : "", c->number);
}

void change_text(const struct change *c, struct buf *out)
{
	switch (c->kind) {
	case CHANGE_LINK_ADD:
		link_text(c, out);
		break;
	case CHANGE_LINK_DEL:
		buf_fmt(out, "ip link del %s", c->link);
		break;
	case CHANGE_RENAME:
		buf_fmt(out, "ip link set %s name %s", c->link, c->text);
		break;
	case CHANGE_MAC:
		buf_fmt(out, "ip link set %s address %s", c->link, c->text);
		break;
	case CHANGE_OPTION:
	case CHANGE_PORT:
		buf_fmt(out, "ip link set %s %s %s", c->link, c->key, c->text);
		break;
	case CHANGE_MASTER:
		buf_fmt(out, "ip link set %s %s%s", c->link, c->text[0] ? "master " : "nomaster",
			c->text);
		break;
	case CHANGE_MTU:
		buf_fmt(out, "ip link set %s mtu %" PRId64, c->link, c->number);
		break;
	case CHANGE_SYSCTL:
		sysctl_text(c, out);
		break;
	case CHANGE_UP:
		buf_fmt(out, "ip link set %s up", c->link);
		break;
	case CHANGE_WAKE:
		buf_fmt(out, "ethtool -s %s wol %s", c->link, c->number ? "g" : "d");
		break;
	case CHANGE_ADDRESS_ADD:
		buf_fmt(out, "ip addr %s %s dev %s",
			c->number == CHANGE_ADDRESS_NEW ? "add" : "replace", c->text, c->link);
		break;
	case CHANGE_ADDRESS_DEL:
		buf_fmt(out, "ip addr del %s dev %s", c->text, c->link);
		break;
	case CHANGE_ROUTE_ADD:
		route_text(c, "replace", out);
		break;
	case CHANGE_ROUTE_DEL:
		route_text(c, "del", out);
		break;
	case CHANGE_RULE_ADD:
		rule_text(c, "add", out);
		break;
	case CHANGE_RULE_DEL:
		rule_text(c, "del", out);
		break;
	}
}
