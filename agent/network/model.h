/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one network model: what a machine's network should be, whichever form it was written in.
 * Readers (forms.h) fill it, document.h writes it as JSON or as `rancher.network`, plan.h compares
 * it with what is.
 *
 * Everything lives in the pool that network_new() was given. Texts in a model were checked: an
 * address is one, with its length; a name has no blank in it. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "agent/network/address.h"
#include "lib/attr.h"
#include "lib/doc/doc.h"

/* Limits on hostile input: interfaces, and items of any list of one interface. */
#define NETWORK_IFS   256
#define NETWORK_ITEMS 256
/* A number that was not set. */
#define NETWORK_UNSET (-1)

enum network_flag { NETWORK_FLAG_UNSET, NETWORK_NO, NETWORK_YES };

struct network_texts {
	const char **item;
	size_t n;
};

struct network_route {
	const char *to;  /* "a/len" */
	const char *via; /* NULL: the destination is on the link */
	int64_t metric, table, mtu;
	enum network_flag on_link;
};

struct network_rule {
	const char *from, *to; /* "a/len" or NULL */
	int64_t table, priority, mark;
};

/* Options of a bond or a bridge, by the kernel's names and in its units, as text. */
struct network_option {
	const char *name, *value;
};

/* A bond or a bridge, and what belongs to it. */
struct network_group {
	bool is;
	struct network_texts interfaces;
	struct network_option *option;
	size_t n_options;
};

struct network_if {
	const char *name; /* final name, or what the source calls it */
	const char *id; /* under which other interfaces of the source name it, when that differs */
	struct doc_origin at;
	struct {
		/* Patterns; names and drivers may be several with spaces between them. The MAC
		 * address is in lower case. */
		const char *name, *mac, *driver;
	} match;
	const char *set_name, *mac_address; /* to be given to the link */
	enum network_flag dhcp, dhcp6, accept_ra, ipv4ll, privacy, wakeonlan, optional;
	enum network_flag use_dns, use_domains, use_hostname, use_mtu, use_ntp, use_routes,
		send_hostname;
	const char *dhcp_args, *dhcp_hostname, *wifi_network;
	int64_t route_metric; /* of routes that DHCP gave */
	int64_t mtu;
	const char *gateway, *gateway_ipv6;
	bool gateway_is_old; /* from `gateway4` and its like: a default route in `routes` wins */
	struct network_texts addresses, nameservers, search, pre_up, post_up;
	struct network_route *route;
	size_t n_routes;
	struct network_rule *rule;
	size_t n_rules;
	struct network_group bond, bridge;
	struct {
		int64_t id; /* NETWORK_UNSET: no VLAN */
		const char *link;
	} vlan;
};

struct network {
	struct doc_pool *p;
	struct network_if **ifs;
	size_t n;
	struct network_texts nameservers, search, pre_cmds, post_cmds;
	int64_t dhcp_timeout;
	bool disabled; /* what is not named is left alone, also where nothing is: no DHCP then */
};

/* NULL only for lack of memory. */
struct network *network_new(struct doc_pool *p);
struct network_if *network_find(const struct network *net, const char *name);
/* The interface of that name, added when there is none; NULL when the name is none or the model is
 * full, and a message says so. */
struct network_if *network_get(struct network *net, const char *name, struct doc_origin at);
/* Memory for item n of a growing list in the pool; NULL when it is full. */
void *network_grow(struct doc_pool *p, void *list, size_t n, size_t size) MUST_CHECK;
/* Add a copy unless it is there already; false when the list is full. */
bool network_add_text(struct doc_pool *p, struct network_texts *list, const char *text);
/* Set an option; the last value counts. */
void network_set_option(struct doc_pool *p, struct network_group *g, const char *name,
			const char *value);
const char *network_option(const struct network_group *g, const char *name);
bool network_has_text(const struct network_texts *list, const char *text);
/* The last step of a reader: names of other interfaces become final ones, a default route becomes
 * `gateway`, old keys give way to new ones; what contradicts itself is a message. */
void network_settle(struct network *net);
