/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys of a service definition.
 */
#pragma once

#include "agent/service/body.h"

/* The i-th key there is, or NULL: for whoever lists them. */
const char *compose_key_name(size_t i);
/* Read one key of a definition into the request. An unknown key is a message. */
void compose_key_read(struct body *b, const struct doc_pair *pair);
