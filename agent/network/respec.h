/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The service's own changes of its specification (spec.h).
 */
#pragma once

#include "lib/attr.h"
#include "lib/error.h"

/* Make it of the configuration below root. */
int network_spec_remake(int root, struct error *err) MUST_CHECK;
/* Put back what was in force before a change that nobody confirmed, and with it rancher.network of
 * cloud-config.yml, unless that was changed again in the meantime. 1 when the whole configuration
 * says what is in force, 0 when the next start would make something else of it. */
int network_spec_go_back(int root, struct error *err) MUST_CHECK;
/* Nothing waits to be confirmed any more. */
void network_spec_settled(int root);
