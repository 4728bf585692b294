/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asks the kernel what it has, and finds links in it.
 */
#include "agent/network/state.h"

#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "agent/network/netlink.h"
#include "agent/network/state_read.h"

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
	const struct question links = { RTM_GETLINK, state_link_add };
	const struct ifinfomsg part = { 0 };

	return dump(fd, s, &links, &part, sizeof(part), err);
}

static int dump_family(int fd, struct state *s, uint8_t family, struct error *err)
{
	const struct question addresses = { RTM_GETADDR, state_route_add_address };
	const struct question routes = { RTM_GETROUTE, state_route_add };
	const struct question rules = { RTM_GETRULE, state_route_add_rule };
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
