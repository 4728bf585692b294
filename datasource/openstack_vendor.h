/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OpenStack's vendor_data.json and vendor_data2.json as one document of user-data's kinds. Pure.
 */
#pragma once

#include <stdbool.h>

#include "lib/buf.h"
#include "lib/doc/doc.h"

/* What is for us in both (NULL: absent): a text, a list of texts, or either under the key
 * `cloud-init` of an object. One text is taken as it is, several become a #cloud-config-archive.
 * False when there is nothing, or the pool is full. What does not parse is nothing, and a message
 * of the pool. */
bool openstack_vendor_text(struct doc_pool *p, const struct buf *first, const struct buf *second,
			   struct buf *ret);
