/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys of a service definition that are about files, devices and limits. Each function reads
 * value `n` and puts what it means at `path` of the request.
 */
#pragma once

#include "agent/service/body.h"

void compose_fs_tmpfs(struct body *b, const char *path, const struct doc_node *n);
void compose_fs_devices(struct body *b, const char *path, const struct doc_node *n);
void compose_fs_ulimits(struct body *b, const char *path, const struct doc_node *n);
void compose_fs_security(struct body *b, const char *path, const struct doc_node *n);
