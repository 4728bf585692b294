/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys of a service definition that give its container variables. Each function reads value `n`
 * and puts what it means at `path` of the request.
 */
#pragma once

#include "agent/service/body.h"

/* A map, or a list of NAME=VALUE, NAME (from rancher.environment) and PREFIX*. */
void compose_env(struct body *b, const char *path, const struct doc_node *n);
/* Files with such lines, absolute paths below env->root; the last that has a name counts. */
void compose_env_file(struct body *b, const char *path, const struct doc_node *n);
