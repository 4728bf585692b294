/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A datasource's network configuration, in any form (agent/network/forms.h), as `rancher.network`.
 * What is not carried over is a message, and the rest is. Pure.
 */
#pragma once

#include "lib/doc/doc.h"

/* NULL when there is nothing usable in it. `config` may be wrapped in a key `network`. */
const struct doc_node *network_config_read(struct doc_pool *p, const struct doc_node *config);
