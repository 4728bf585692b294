/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rancher.network → what templates see of it.
 */
#pragma once

#include "lib/doc/doc.h"

/* {"nameservers", "search"} of the machine and of all interfaces; NULL when there are none. */
const struct doc_node *view_network_dns(struct doc_pool *p, const struct doc_node *config);
