/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the readers of all forms share: take a value of a document, check it, put it into the model.
 * A wrong value is a message at its place and leaves the rest alone; absent and null values are
 * nothing. Pure.
 */
#pragma once

#include "agent/network/model.h"

/* The scalar's text; NULL when it is absent, null, empty or no scalar. */
const char *network_text(const struct doc_node *n);
/* The next word of *text (NULL: none), which is behind it then; NULL at the end. */
const char *network_next_word(struct doc_pool *p, const char **text, const char *separators);
/* An address without length in the kernel's spelling; NULL when the text is none. */
const char *network_plain(struct doc_pool *p, const char *text);
/* true, yes, 1 and their opposites, also as text. */
enum network_flag network_flag_of(struct doc_pool *p, const struct doc_node *n);
/* A whole number within min … max; NETWORK_UNSET and a message for others. */
int64_t network_number(struct doc_pool *p, const struct doc_node *n, int64_t min, int64_t max);

/* "eth0", "eth1", …, the card with this MAC address (NULL: of that name). */
struct network_if *network_put_eth(struct network *net, size_t index, const struct doc_node *mac,
				   struct doc_origin at);
void network_put_mtu(struct network *net, struct network_if *nic, const struct doc_node *n);
void network_put_match_mac(struct network *net, struct network_if *nic, const struct doc_node *n);
void network_put_mac(struct network *net, struct network_if *nic, const struct doc_node *n);
/* `mask` and `fallback` as network_cidr(); fallback 0 takes 24 or 64, with a warning. */
void network_put_address(struct network *net, struct network_if *nic, const struct doc_node *n,
			 const char *mask, int fallback);
void network_put_gateway(struct network *net, struct network_if *nic, const struct doc_node *n);
/* Addresses or search domains: a list, or one text with blanks or commas. */
void network_put_servers(struct network *net, struct network_texts *to, const struct doc_node *n);
void network_put_search(struct network *net, struct network_texts *to, const struct doc_node *n);

/* The parts of a route under whatever names a form gives them; NULL for none. */
struct network_route_source {
	const struct doc_node *to, *via, *metric, *table, *mtu, *on_link;
	const char *mask;
	struct doc_origin at;
};
void network_put_route(struct network *net, struct network_if *nic,
		       const struct network_route_source *s);
/* {"from", "to", "table", "priority", "mark"} */
void network_put_rule(struct network *net, struct network_if *nic, const struct doc_node *n);
/* A route whose texts are right already. */
void network_add_route(struct network *net, struct network_if *nic, const struct network_route *r);
void network_add_rule(struct network *net, struct network_if *nic, const struct network_rule *r);
/* "This key is not carried over" for every key of `map` that is not among `known` (NULL ends). */
void network_report_keys(struct doc_pool *p, const struct doc_node *map, const char *const *known,
			 const char *where);
