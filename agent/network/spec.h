/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the network service is told: the model, and what else of the configuration it needs, in one
 * file. The agent writes it at boot, `ros network apply` later; the service watches it, and reads
 * the configuration itself only when it is started again.
 *
 * {"id", "confirm_ms", "network": rancher.network's form, "default_dns": {"nameservers", "search"},
 *  "take_hostname", "keep_resolv_conf", "add_resolv_conf", "keep_hosts", "firewall",
 *  "block_metadata", "stored": rancher.network of cloud-config.yml at the time, "taken_back": the
 *  id of the change that this is the end of}
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "agent/network/model.h"
#include "lib/attr.h"
#include "lib/error.h"

#define SPEC_PATH "/run/ros/network.json"
/* What was in force before a change that is not confirmed yet. */
#define SPEC_BEFORE "/run/ros/network.before.json"
/* The service's answer: {"id", "ok", "messages"}. */
#define SPEC_STATUS "/run/ros/network.status.json"

/* The key of cloud-config.yml that goes back with a change that nobody confirms. */
#define SPEC_STORED "rancher.network"

struct spec {
	const struct doc_node *doc;
	struct network *net;
	int64_t id, confirm_ms;            /* confirm_ms: 0 for none */
	bool take_hostname;                /* DHCP may name the machine */
	bool keep_resolv_conf, keep_hosts; /* somebody else's files */
	const char *add_resolv_conf;       /* stands behind the servers; or NULL */
	struct network_texts default_nameservers, default_search;
};

/* From the merged configuration. `named`: the machine has a host name of its own. NULL for lack of
 * memory. Mistakes are messages of the pool. */
const struct doc_node *spec_make(struct doc_pool *p, const struct doc_node *config, bool named);
/* The same of the configuration as it is now, below root. */
int spec_remake(int root, struct doc_pool *p, const struct doc_node **ret, struct error *err)
	MUST_CHECK;
/* Whether configuration or metadata name the machine; the latter are read below root. */
bool spec_is_named(int root, struct doc_pool *p, const struct doc_node *config);
/* Write a specification as SPEC_PATH under a new id. confirm_ms > 0 keeps the one before. One that
 * was read back keeps its "stored"; a new one is given it. */
int spec_publish(int root, struct doc_pool *p, const struct doc_node *doc, int64_t confirm_ms,
		 bool *changed, int64_t *ret_id, struct error *err) MUST_CHECK;
/* Write one that was in force before the change `taken_back`. */
int spec_publish_back(int root, struct doc_pool *p, const struct doc_node *doc, int64_t taken_back,
		      int64_t *ret_id, struct error *err) MUST_CHECK;
/* Whether SPEC_PATH says just this, whatever its id. */
bool spec_is_current(int root, struct doc_pool *p, const struct doc_node *doc);
/* Read one back; -ENOENT when there is none. */
int spec_load(int root, struct doc_pool *p, const char *path, struct spec *ret,
	      struct error *err) MUST_CHECK;
