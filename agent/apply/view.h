/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What templates see: the merged configuration, and under `agent` what is worked out from it, so
 * that templates hold no logic: host name, DNS, network interfaces with the names they have here.
 */
#pragma once

#include "agent/userdata/instance.h"
#include "lib/attr.h"
#include "lib/doc/doc.h"

/* NULL only for lack of memory. Interfaces are matched to those below root's /sys/class/net. */
const struct doc_node *view_make(int root, struct doc_pool *p, const struct doc_node *config,
				 const struct instance *in);
