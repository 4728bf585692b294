/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON Patch (RFC 6902) on documents. Pure.
 */
#pragma once

#include "lib/attr.h"
#include "lib/doc/doc.h"
#include "lib/error.h"

/* Apply the operations of `list` to `base`, which is not changed. All or nothing: -EBADMSG with the
 * place of the operation that does not fit, and *ret is left alone. */
int patch_apply(struct doc_pool *p, const struct doc_node *base, const struct doc_node *list,
		const struct doc_node **ret, struct error *err) MUST_CHECK;
