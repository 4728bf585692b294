/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Optional services: what rancher.services_include names. A name is the path of a file, a URL
 * (#sha256=HEX behind it pins what it must hold), or the name of a service that a repository of
 * rancher.repositories has: URL/FIRST_LETTER/NAME.yml; its URL may be a path.
 *
 * What a server gave is kept below OPTIONAL_KEPT; booting reads that and waits for no network.
 */
#pragma once

#include <stdbool.h>

#include "agent/modules/module.h"
#include "lib/attr.h"
#include "lib/error.h"

#define OPTIONAL_KEPT "/var/lib/rancher/cache/services"
#define OPTIONAL_MAX (1u << 20) /* of a definition, or an index */

/* The definition, from its file or as it was kept. *ret_source (in the pool) says where it came
 * from. -ENOENT: it was not fetched yet, or there is none. */
int optional_read(int root, struct doc_pool *p, const struct doc_node *config, const char *name,
		 struct buf *ret, const char **ret_source, struct error *err) MUST_CHECK;
/* The file, below root, in which a definition is kept that optional_read() would give: in the pool.
 * NULL for one that is a file of its own, and for one that was not fetched yet. */
const char *optional_kept(int root, struct doc_pool *p, const struct doc_node *config,
			  const char *name);
/* It comes from a server, and was not fetched yet. */
bool optional_is_missing(int root, const struct doc_node *config, const char *name);
/* Fetch it from its server, or from the repositories in their order, and keep it. What is no map
 * of services is refused. Nothing is fetched for a file. */
int optional_fetch(const struct module_ctx *c, const char *name, struct doc_origin at,
		  const char **ret_source, struct error *err) MUST_CHECK;
/* The names of services in the repositories' index.yml: a list of texts. With `fetch` they are
 * asked; else what was kept counts. What fails is a message of the pool. */
const struct doc_node *optional_index(const struct module_ctx *c, bool fetch);
