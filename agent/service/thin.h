/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The system's own, thin images: a few KB of mount points. What fills them is the machine's /usr
 * and /etc, bound in read-only when a container is made.
 */
#pragma once

#include <stdbool.h>

#include "agent/engine/engine.h"
#include "agent/service/service.h"

#define THIN_ARCHIVE "/usr/share/ros/images/thin.tar"

/* Whether an image of that name comes with the system: no registry is ever asked for it, where the
 * name may be somebody else's. */
bool thin_is_name(const char *image);
/* Whether an image, as the API lists or inspects it, is one of ours. */
bool thin_is(const struct doc_node *image);
/* Whether a service names a thin image that is not in the list: then the archive must be loaded. */
bool thin_is_missing(const struct service_set *set, const bool *chosen,
		     const struct doc_node *images);
/* Load the archive. */
int thin_load(struct engine *e, struct error *err) MUST_CHECK;
/* The create request with the machine's files bound in, where the service has nothing there
 * itself. */
const struct doc_node *thin_bind(struct doc_pool *p, const struct doc_node *create);
