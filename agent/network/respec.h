/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The service's own changes of its specification (spec.h).
 */
#pragma once

#include "lib/attr.h"
#include "lib/error.h"

/* Make it of the configuration below root. */
int network_spec_remake(int root, struct error *err) MUST_CHECK;
/* Put back what was in force before a change that nobody confirmed. What was stored for it is
 * undo.h's business. */
int network_spec_go_back(int root, struct error *err) MUST_CHECK;
/* Nothing waits to be confirmed any more. */
void network_spec_settled(int root);
