/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The model as a document: the JSON of `ros network render`, or a layer for `rancher.network`,
 * which the reader of that form reads back. Pure.
 */
#pragma once

#include "agent/network/model.h"
#include "lib/buf.h"

enum network_form { NETWORK_AS_JSON, NETWORK_AS_LAYER };

/* NULL only for lack of memory. What is not set is absent. The two forms differ in where the
 * machine's name servers stand: at the top, or under `dns`. */
const struct doc_node *network_document(const struct network *net, enum network_form form);
/* One line of JSON with `messages` of the pool beside `interfaces`. */
void network_json(const struct network *net, struct buf *out);
