/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A datasource's network configuration, in any form (agent/network/forms.h), as `rancher.network`
 * and as the model's JSON. What is not carried over is a message, and the rest is. Pure.
 */
#pragma once

#include "lib/buf.h"
#include "lib/doc/doc.h"

struct network_config {
	const struct doc_node *layer; /* as rancher.network; NULL when there is nothing usable */
	const struct doc_node *model; /* as `ros network render --json`, without its messages */
};

/* Text or a document, as the bytes show. */
void network_config_read(struct doc_pool *p, const struct buf *bytes, struct network_config *ret);
