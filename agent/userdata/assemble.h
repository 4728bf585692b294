/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a datasource's vendor-data and user-data become: their parts, and one document of each,
 * merged as cloud-init merges parts (datasource reference §2.3).
 */
#pragma once

#include <stdbool.h>

#include "agent/userdata/unpack.h"
#include "lib/doc/doc.h"

struct assembled {
	struct unpack_parts parts;
	const struct doc_node *config; /* a map, or NULL: no part is a document */
	/* The one document among the parts, when config is just that; a patch, a merge rule and the
	 * like make it more than its text. */
	const struct unpack_part *only;
	bool failed; /* a part was refused: errors among the messages say why */
};

/* Never fails: what is wrong is a message of the pool, and costs its part. Parts whose documents
 * are not taken become UNPACK_IGNORED. */
void assemble_one(const struct unpack_input *in, struct assembled *ret);
/* User-data may say "vendor_data: {enabled: false}". */
bool assemble_wants_vendor(const struct doc_node *user);
/* vendor-data's document below user-data's; either may be NULL. An empty map at least. */
const struct doc_node *assemble_layers(struct doc_pool *p, const struct doc_node *vendor,
				       const struct doc_node *user);
