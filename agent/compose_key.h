/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys of a service definition.
 */
#pragma once

#include "agent/body.h"

/* Read one key of a definition into the request. An unknown key is a message. */
void compose_key_read(struct body *b, const struct doc_pair *pair);
