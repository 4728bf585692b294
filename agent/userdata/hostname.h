/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which name this machine has, and whether a text is a host name. Pure but for hostname_get().
 */
#pragma once

#include <stdbool.h>

#include "agent/userdata/instance.h"
#include "lib/attr.h"
#include "lib/doc/doc.h"

/* A name as RFC 1123 allows it: labels of 1 to 63 letters, digits and inner hyphens, 253 in all. */
bool hostname_is_valid(const char *name);
/* `hostname`, else the first label of `fqdn`, else the metadata's, else rancher.defaults.hostname,
 * else "ocicat"; `fqdn` itself with prefer_fqdn_over_hostname. An invalid one is a message and
 * passed over. Never NULL. */
const char *hostname_choose(struct doc_pool *p, const struct doc_node *config,
			    const struct instance *in);
/* The whole name: `fqdn`, else what hostname_choose() gives. Says nothing. */
const char *hostname_full(const struct doc_node *config, const struct instance *in);

struct hostname {
	const char *name, *full; /* never NULL; the second with the domain, where that is known */
};

/* The names that this machine goes by: hostname_choose() and hostname_full(), or with
 * preserve_hostname what stands in /etc/hostname below root. */
struct hostname hostname_get(int root, struct doc_pool *p, const struct doc_node *config,
			     const struct instance *in);
