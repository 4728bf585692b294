/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A value as it stands on the kernel line or on the command line (`ros config set`): YAML, but ":"
 * and "?" mean nothing, so that a URL, a MAC address or a time stays what it is. Only in a value
 * that begins with "{" a colon before a space separates key and value. Pure.
 */
#pragma once

#include "lib/doc/doc.h"

/* Never fails for odd text: what is no YAML is a string. NULL when the pool is full. */
const struct doc_node *value_parse(struct doc_pool *p, struct doc_origin at, const char *text);
