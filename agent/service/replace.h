/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making a service's container, in place of the one that is there. Nothing of an owner's is lost
 * on the way: the old container steps aside (its name gets SERVICE_ASIDE) and goes only when the
 * new one is there; what it kept in anonymous volumes is the new one's. Cut short at any point,
 * the next reconcile_decide() finds what was left.
 *
 * Built-in services hold nothing and the boot waits for them: theirs is removed first, with its
 * anonymous volumes.
 */
#pragma once

#include "agent/engine/engine.h"
#include "agent/service/reconcile.h"

/* *ret_id, of the new container, lives in p. When it fails, the old one has its name again. */
int replace_container(struct engine *e, struct doc_pool *p, const struct service *s,
		      const struct reconcile_plan *plan, const char **ret_id, struct error *err)
	MUST_CHECK;
/* Remove what an earlier replacement left behind, if anything. What cannot be removed is a warning
 * of the journal. */
void replace_clear(struct engine *e, const struct service *s, const struct reconcile_plan *plan);
