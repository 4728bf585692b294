/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Copies proxies into the environment.
 */
#include "agent/network/proxy.h"

#include <stdio.h>

const struct proxy_name proxy_names[] = {
	{ "http_proxy", "http_proxy" },	  { "http_proxy", "HTTP_PROXY" },
	{ "https_proxy", "https_proxy" }, { "https_proxy", "HTTPS_PROXY" },
	{ "no_proxy", "no_proxy" },	  { "no_proxy", "NO_PROXY" },
};

const size_t proxy_n = ARRAY_LEN(proxy_names);

const struct doc_node *proxy_environment(struct doc_pool *p, const struct doc_node *config)
{
	const struct doc_node *env = doc_at(config, "rancher.environment");
	const struct doc_node *network = doc_at(config, "rancher.network");

	for (size_t i = 0; i < proxy_n; i++) {
		const struct doc_node *value = doc_key(network, proxy_names[i].key);
		const struct doc_node *with;

		if (!doc_is_scalar(value) || value->kind == DOC_NULL ||
		    doc_key(env, proxy_names[i].variable))
			continue;
		with = doc_with(p, env, proxy_names[i].variable, value);
		env = with ? with : env;
	}
	return env;
}
