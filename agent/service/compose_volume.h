/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys of a service definition that are about volumes. Each function reads value `n` and puts
 * what it means at `path` of the request.
 */
#pragma once

#include "agent/service/body.h"

void compose_volume_list(struct body *b, const char *path, const struct doc_node *n);
void compose_volume_from(struct body *b, const char *path, const struct doc_node *n);
/* Add the volumes of another service's request, read-only if so asked, unless something is mounted
 * there already. */
void compose_volume_borrow(struct body *b, const struct doc_node *create, bool ro);
/* Add "SOURCE:TARGET[:OPTIONS]" unless something is mounted at TARGET already. */
void compose_volume_bind(struct body *b, const char *bind);
/* The same, read-only, but not what is mounted below SOURCE (compose: `bind: {recursive:
 * writable}`). For read-only all the way down dockerd runs the OCI runtime once more, to ask
 * whether it can, for each container. */
void compose_volume_bind_shallow(struct body *b, const char *source, const char *target);
