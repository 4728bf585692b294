/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The network as it is: links, addresses, routes and rules that the kernel has now. What we made
 * is marked: links by their alias, addresses, routes and rules by their protocol number.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "agent/network/model.h"
#include "lib/attr.h"
#include "lib/error.h"

/* More than these is no machine that we configure; what is beyond is not seen. */
#define STATE_LINKS    1024
#define STATE_ITEMS    8192
#define STATE_ALTNAMES 8
#define STATE_OPTIONS  40
/* IFLA_IFALIAS of links, and the protocol of addresses, routes and rules, that are ours. */
#define STATE_ALIAS    "ros network"
#define STATE_PROTOCOL 82

struct state_option {
	const char *name; /* kernel name (option table) */
	int64_t value;
};

struct state_link {
	int index, master, lower; /* lower: what a VLAN is on */
	char name[NETWORK_NAME];
	char altname[STATE_ALTNAMES][64];
	char mac[24], permanent_mac[24];
	char kind[16]; /* "" for hardware, else "bond", "vlan", "veth", … */
	char driver[32];
	bool up, carrier, loopback, ours;
	bool wakes; /* the machine, on a magic packet */
	int mtu, vlan_id;
	bool promotes;                             /* secondary addresses outlive the first one */
	int accept_ra, use_tempaddr;               /* net.ipv6.conf.NAME.…; -1 without IPv6 */
	struct state_option option[STATE_OPTIONS]; /* of bonds and bridges */
	size_t n_options;
};

struct state_address {
	int link;
	char cidr[NETWORK_ADDRESS];
	bool ours, permanent;
	bool kernel;     /* made by the kernel itself: link-local, or from an advertisement … */
	bool advertised; /* … in particular that */
	bool bare;       /* the route to its network is not the kernel's, but whoever's it is */
};

struct state_route {
	int link;
	char to[NETWORK_ADDRESS], via[NETWORK_ADDRESS]; /* via: "" for none */
	uint32_t table, metric, mtu;
	uint8_t protocol;
	bool on_link;
};

struct state_rule {
	char from[NETWORK_ADDRESS], to[NETWORK_ADDRESS]; /* "" for all */
	bool v6, ours;
	uint32_t table, priority, mark;
};

struct state {
	struct state_link *links;
	size_t n_links;
	struct state_address *addresses;
	size_t n_addresses;
	struct state_route *routes;
	size_t n_routes;
	struct state_rule *rules;
	size_t n_rules;
};

/* Ask the kernel (of the caller's network namespace) by `fd` (netlink_open without groups). The
 * caller calls state_done(), also after a failure. */
int state_read(int fd, struct state *ret, struct error *err) MUST_CHECK;
/* Links alone. */
int state_read_links(int fd, struct state *ret, struct error *err) MUST_CHECK;
void state_done(struct state *s);
/* By name, then by alternative name; NULL for none. */
const struct state_link *state_find_link(const struct state *s, const char *name);
const struct state_link *state_link_at(const struct state *s, int index);
