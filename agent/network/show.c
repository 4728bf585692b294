/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints the network.
 */
#include "agent/network/show.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "agent/network/netlink.h"

#define TABLE_MAIN  254
#define TABLE_LOCAL 255

struct view {
	struct state state;
	struct want_list want;
};

static int look(struct network *net, struct view *v, struct error *err)
{
	AUTO_CLOSE int fd = -1;
	int r = netlink_open(0, &fd, err);

	if (r == 0)
		r = state_read(fd, &v->state, err);
	if (r == 0)
		want_resolve(net, &v->state, &v->want);
	return r;
}

static const char *master_of(const struct view *v, const struct state_link *l)
{
	const struct state_link *m = state_link_at(&v->state, l->master);

	return m ? m->name : "";
}

static const struct want *want_of(const struct view *v, const struct state_link *l)
{
	for (size_t i = 0; i < v->want.n; i++)
		if (v->want.w[i].link == l)
			return &v->want.w[i];
	return NULL;
}

static const char *link_name(const struct view *v, int index)
{
	const struct state_link *l = state_link_at(&v->state, index);

	return l ? l->name : "";
}

/* --- for people --- */

static void link_line(const struct view *v, const struct state_link *l, struct buf *out)
{
	const struct want *w = want_of(v, l);

	buf_fmt(out, "%-15s %-10s %s", l->name,
		!l->up       ? "down"
		: l->carrier ? "up"
			     : "no-carrier",
		l->kind[0] ? l->kind : l->driver);
	if (l->mac[0])
		buf_fmt(out, " %s", l->mac);
	buf_fmt(out, " mtu %d", l->mtu);
	if (l->master)
		buf_fmt(out, " member of %s", master_of(v, l));
	if (w)
		buf_fmt(out, " (%s%s)", w->nic->name, w->dynamic ? ", dhcp" : "");
	buf_char(out, '\n');
	for (size_t i = 0; i < v->state.n_addresses; i++)
		if (v->state.addresses[i].link == l->index)
			buf_fmt(out, "  %s\n", v->state.addresses[i].cidr);
}

static void route_line(const struct view *v, const struct state_route *r, struct buf *out)
{
	buf_fmt(out, "route %s", r->to);
	if (r->via[0])
		buf_fmt(out, " via %s", r->via);
	buf_fmt(out, " dev %s", link_name(v, r->link));
	if (r->metric)
		buf_fmt(out, " metric %" PRIu32, r->metric);
	if (r->table != TABLE_MAIN)
		buf_fmt(out, " table %" PRIu32, r->table);
	buf_char(out, '\n');
}

int show_text(struct network *net, struct buf *out, struct error *err)
{
	AUTO_FREE struct view *v = calloc(1, sizeof(*v));
	int r = v ? look(net, v, err) : error_set(err, ENOMEM, "no memory");

	for (size_t i = 0; r == 0 && i < v->state.n_links; i++)
		if (!v->state.links[i].loopback)
			link_line(v, &v->state.links[i], out);
	for (size_t i = 0; r == 0 && i < v->state.n_routes; i++)
		if (v->state.routes[i].table != TABLE_LOCAL)
			route_line(v, &v->state.routes[i], out);
	if (v)
		state_done(&v->state);
	return r;
}

/* --- for programs --- */

static void text_member(struct buf *out, const char *key, const char *value)
{
	buf_fmt(out, "\"%s\":\"", key);
	buf_json(out, value);
	buf_str(out, "\",");
}

static void link_json(const struct view *v, const struct state_link *l, struct buf *out)
{
	const struct want *w = want_of(v, l);
	bool first = true;

	buf_char(out, '"');
	buf_json(out, l->name);
	buf_str(out, "\":{");
	text_member(out, "mac", l->mac);
	text_member(out, "kind", l->kind);
	text_member(out, "driver", l->driver);
	text_member(out, "master", master_of(v, l));
	text_member(out, "configured_by", w ? w->nic->name : "");
	buf_fmt(out, "\"up\":%s,\"carrier\":%s,\"mtu\":%d,\"dynamic\":%s,\"addresses\":[",
		l->up ? "true" : "false", l->carrier ? "true" : "false", l->mtu,
		w && w->dynamic ? "true" : "false");
	for (size_t i = 0; i < v->state.n_addresses; i++) {
		if (v->state.addresses[i].link != l->index)
			continue;
		buf_fmt(out, "%s\"%s\"", first ? "" : ",", v->state.addresses[i].cidr);
		first = false;
	}
	buf_str(out, "]}");
}

static void routes_json(const struct view *v, struct buf *out)
{
	bool first = true;

	buf_str(out, "\"routes\":[");
	for (size_t i = 0; i < v->state.n_routes; i++) {
		const struct state_route *r = &v->state.routes[i];

		if (r->table == TABLE_LOCAL)
			continue;
		buf_str(out, first ? "{" : ",{");
		text_member(out, "to", r->to);
		text_member(out, "via", r->via);
		text_member(out, "interface", link_name(v, r->link));
		buf_fmt(out, "\"metric\":%" PRIu32 ",\"table\":%" PRIu32 "}", r->metric, r->table);
		first = false;
	}
	buf_str(out, "],\"rules\":[");
	first = true;
	for (size_t i = 0; i < v->state.n_rules; i++) {
		const struct state_rule *r = &v->state.rules[i];

		if (!r->ours)
			continue;
		buf_str(out, first ? "{" : ",{");
		text_member(out, "from", r->from);
		text_member(out, "to", r->to);
		buf_fmt(out, "\"table\":%" PRIu32 ",\"priority\":%" PRIu32 ",\"mark\":%" PRIu32 "}",
			r->table, r->priority, r->mark);
		first = false;
	}
	buf_char(out, ']');
}

int show_json(struct network *net, struct buf *out, struct error *err)
{
	AUTO_FREE struct view *v = calloc(1, sizeof(*v));
	int r = v ? look(net, v, err) : error_set(err, ENOMEM, "no memory");
	bool first = true;

	buf_str(out, "{\"interfaces\":{");
	for (size_t i = 0; r == 0 && i < v->state.n_links; i++) {
		if (v->state.links[i].loopback)
			continue;
		if (!first)
			buf_char(out, ',');
		link_json(v, &v->state.links[i], out);
		first = false;
	}
	buf_str(out, "},");
	if (r == 0)
		routes_json(v, out);
	buf_str(out, "}\n");
	if (v)
		state_done(&v->state);
	return r;
}

int show_missing(struct network *net, struct want_list *want, struct error *err)
{
	AUTO_FREE struct view *v = calloc(1, sizeof(*v));
	int r = v ? look(net, v, err) : error_set(err, ENOMEM, "no memory");

	if (r == 0) {
		*want = v->want;
		want_report(net, want);
	}
	if (v)
		state_done(&v->state);
	return r;
}
