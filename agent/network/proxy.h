/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rancher.environment with the proxies of rancher.network in it, as RancherOS copied them: both
 * spellings of each, where the environment does not name them itself. Pure.
 */
#pragma once

#include "lib/doc/doc.h"

/* The names under which proxies are known, in pairs of a key of rancher.network and a variable. */
struct proxy_name {
	const char *key, *variable;
};
extern const struct proxy_name proxy_names[];
extern const size_t proxy_n;

/* NULL when there is nothing at all, or no memory. */
const struct doc_node *proxy_environment(struct doc_pool *p, const struct doc_node *config);
