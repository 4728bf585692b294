/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What DHCP servers and routers said beside addresses and routes, which dhcpcd sees to: name
 * servers, domains, host name, time servers. Kept in one file for each interface and protocol, from
 * which /etc/resolv.conf and the rest are made.
 */
#pragma once

#include "agent/network/spec.h"
#include "lib/buf.h"

#define LEASE_DIR "/run/ros/leases"

struct lease {
	char interface[NETWORK_NAME];
	struct network_texts nameservers, search, ntp;
	const char *hostname;
};

/* From the environment that dhcpcd gives its script (dhcpcd-run-hooks(8)); `get` is getenv.
 * Everything in it came from the network: what is none of what it should be is left out. */
void lease_parse(struct doc_pool *p, const char *(*get)(const char *name), struct lease *ret);
/* Keep it, or remove it. `proto` is "dhcp", "dhcp6" or "ra". */
int lease_save(int root, const struct lease *l, const char *proto, struct error *err) MUST_CHECK;
int lease_remove(int root, const char *interface, const char *proto, struct error *err) MUST_CHECK;
/* All that are kept, in the order of their files' names; at most `max`. */
size_t lease_load_all(int root, struct doc_pool *p, struct lease *ret, size_t max);
#define LEASE_MAX 64

/* /etc/resolv.conf of a specification and leases: configured servers, else those of interfaces and
 * leases, else the built-in ones. Pure. */
void lease_resolv_conf(const struct spec *s, const struct lease *leases, size_t n, struct buf *out);
/* /etc/hosts with another name behind 127.0.1.1. Pure. */
void lease_hosts(const char *text, const char *name, struct buf *out);
/* Write /etc/resolv.conf below root unless it is somebody else's. */
int lease_publish_dns(int root, struct doc_pool *p, const struct spec *s,
		      struct error *err) MUST_CHECK;
