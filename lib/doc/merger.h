/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cloud-init's mergers: how one part of user-data is merged over what the parts before it gave,
 * as its "merge_how", or the header Merge-Type, says (datasource reference, "Merging"). Pure.
 *
 * For the layers of the configuration there is doc_merge(); this is for parts of one layer.
 */
#pragma once

#include <stdbool.h>

#include "lib/attr.h"
#include "lib/doc/doc.h"
#include "lib/error.h"

/* A merger for one kind of value. */
struct merger_rule {
	bool given;
	unsigned options;
};

struct merger {
	struct merger_rule dict, list, str;
};

/* What holds when nobody says anything: a later part's key replaces the earlier one whole. */
struct merger merger_default(void);
/* Read "name(opt,opt)+name(opt)", or a list of {name, settings}, into *m; of several mergers for
 * a kind the first counts, also over later calls. -EBADMSG names what is unknown. */
int merger_read_text(struct merger *m, const char *text, struct error *err) MUST_CHECK;
int merger_read(struct merger *m, const struct doc_node *how, struct error *err) MUST_CHECK;
/* `over` merged into `base`, neither is changed. -EBADMSG when kinds do not fit. */
int merger_apply(struct doc_pool *p, const struct merger *m, const struct doc_node *base,
		 const struct doc_node *over, const struct doc_node **ret,
		 struct error *err) MUST_CHECK;
/* How many values whoever walks the tree meets (shared ones as often as they are reached); counting
 * ends a little above DOC_NODES. */
size_t merger_weigh(const struct doc_node *n);
