/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RancherOS' and CoreOS' guestinfo.interface.N.… and guestinfo.dns.… as a network-config.
 */
#pragma once

#include "datasource/guestinfo.h"
#include "lib/attr.h"

/* So many interfaces, and addresses and routes of each, are looked for. */
#define GUESTINFO_NET_MAX 16

struct guestinfo_net {
	bool is_there;
	struct buf config; /* version 2 (netplan), or version 1 where there are only name servers */
	/* The last address of an interface of that role; NULL for none. The pool's. */
	const char *public_ipv4, *private_ipv4, *public_ipv6, *private_ipv6;
};

/* Counting stops at the first index that is missing. An address without a prefix and a netmask is
 * -EBADMSG. The caller frees ret->config. */
int guestinfo_net_read(const struct guestinfo *g, struct doc_pool *p, struct guestinfo_net *ret,
		       struct error *err) MUST_CHECK;
