/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads service definitions: compose v1 (a flat map of services, as RancherOS) and the compose form
 * with a top-level `services:`. The table in compose.c has a row for each key.
 */
#pragma once

#include "agent/service/body.h"
#include "agent/service/service.h"
#include "lib/attr.h"
#include "lib/doc/doc.h"
#include "lib/error.h"

/* Turn a services map into services. Mistakes are messages of the pool with their place; a service
 * without an image is left out. Pure. */
int compose_parse(struct doc_pool *p, const struct body_env *env, const struct doc_node *services,
		  struct service_set *ret, struct error *err) MUST_CHECK;
/* Look for mistakes in the services of one layer. What another layer may have (images, variables,
 * services that are referred to) is not missed, what the schema says is not said again. Pure. */
void compose_check(struct doc_pool *p, const struct doc_node *doc);
/* All services of a merged configuration: rancher.services, and what rancher.services_include names
 * and is on this machine (agent/service/optional.h); VERSION comes from the system image below
 * root. */
int compose_load(int root, struct doc_pool *p, const struct doc_node *config,
		 struct service_set *ret, struct error *err) MUST_CHECK;
/* The services that `file`, which could be included, would bring, read beside all others: messages
 * are about these, too. */
int compose_load_more(int root, struct doc_pool *p, const struct doc_node *config,
		      const struct doc_node *file, struct service_set *ret, struct error *err)
	MUST_CHECK;
