/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Taking secrets out of guestinfo once they are remembered elsewhere.
 */
#pragma once

#include "datasource/ovf_env.h"
#include "datasource/vmware_rpc.h"
#include "lib/attr.h"
#include "lib/doc/doc.h"
#include "lib/error.h"

/* What is written in place of a value, and of an encoding: "" cannot be set. Both count as no
 * value; they are cloud-init's (DataSourceVMware.py). */
#define VMWARE_REDACTED "---"
#define VMWARE_CLEARED	" "

/* Overwrite the keys that `redact` (cloud-init's older name: `cleanup-guestinfo`) in the metadata
 * lists, or `all` that may hold secrets; with any of them, cut the properties that hold secrets out
 * of the OVF environment (NULL: there is none) whose text is `ovf_text`. */
int vmware_redact(struct vmware_rpc *rpc, const struct doc_node *meta, bool all,
		  const struct ovf_env *ovf, const struct buf *ovf_text,
		  struct error *err) MUST_CHECK;
