/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was stored for a change that waits to be confirmed (`ros network apply --confirm`). The
 * service takes the change back, but may only read the configuration; so a process of the command's
 * waits beside it, and stores rancher.network of cloud-config.yml as it was before.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/doc/doc.h"
#include "lib/error.h"

struct undo {
	struct doc_pool *p;
	int64_t id; /* of the change */
	const struct doc_node *old, *now; /* stored before it and with it; NULL: nothing */
};

/* Leave such a process behind, for the change that was just published. */
int undo_leave(int root, int64_t confirm_ms, struct error *err) MUST_CHECK;
/* Its parts. Remember what there is; the caller frees ret->p, also after a failure. */
int undo_begin(int root, struct undo *ret, struct error *err) MUST_CHECK;
/* Nothing waits to be confirmed any more: whether this change was taken back. */
bool undo_is_due(int root, const struct undo *u);
/* Store what was before, unless somebody has stored something else in the meantime. 1 when the
 * whole configuration says what is in force, 0 when the next start would make something else of it.
 */
int undo_store(int root, const struct undo *u, struct error *err) MUST_CHECK;
