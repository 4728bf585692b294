/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Steps that change the network, in a list. Pure; exec.c carries them out.
 */
#pragma once

#include "agent/network/want.h"
#include "lib/buf.h"

#define CHANGE_MAX 8192

enum change_kind {
	CHANGE_LINK_ADD,
	CHANGE_LINK_DEL,
	CHANGE_RENAME, /* the link with index `number`, to `text` */
	CHANGE_MAC,    /* `text` */
	CHANGE_OPTION, /* of a bond or bridge: `key`, `text` */
	CHANGE_PORT,   /* of a bridge's member: `key`, `text` */
	CHANGE_MASTER, /* `text`, or none for "" */
	CHANGE_MTU,    /* `number` */
	CHANGE_SYSCTL, /* `key` below /proc/sys/net, `number` */
	CHANGE_UP,
	CHANGE_WAKE,        /* `number`: on or off */
	CHANGE_ADDRESS_ADD, /* `text`; `number` is an enum change_address */
	CHANGE_ROUTE_ADD,
	CHANGE_RULE_ADD,
	CHANGE_RULE_DEL,
	CHANGE_ROUTE_DEL,
	CHANGE_ADDRESS_DEL,
};

/* An address that a lease has brought is made ours where it is; with BARE, it gets the route to its
 * network, which it had by dhcpcd until now. */
enum change_address { CHANGE_ADDRESS_NEW, CHANGE_ADDRESS_TAKEN, CHANGE_ADDRESS_BARE };

struct change {
	enum change_kind kind;
	char link[NETWORK_NAME];
	char key[48], text[256];
	int64_t number;
	const struct want *want; /* of CHANGE_LINK_ADD */
	struct state_route route;
	struct state_rule rule;
};

struct change_list {
	struct change *all;
	size_t n;
	bool waits; /* something stays until DHCP has given a replacement: look again after that */
};

/* A new step at the end; NULL when there is no room (change_plan() says so). */
struct change *change_list_add(struct change_list *l, enum change_kind kind, const char *link);
void change_list_done(struct change_list *l);
/* One line in ip(8)'s words. */
void change_text(const struct change *c, struct buf *out);
