/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where this boot's payload comes from: the datasource that this machine has, asked within a
 * deadline, or the last good data when it does not answer.
 */
#pragma once

#include "agent/network/earlynet.h"
#include "datasource/datasource.h"
#include "lib/doc/doc.h"

struct source {
	struct machine *machine;
	struct doc_pool *pool; /* gets the messages */
	struct earlynet *net;
	/* Filled in by source_find(): */
	bool is_fetched; /* from the source itself, and not from the cache */
	bool is_cached;
};

/* earlynet_up() on `arg`, a struct earlynet. */
int source_network(void *arg, struct error *err) MUST_CHECK;
/* Ask. False: there is nothing at all. What went wrong is a message. */
bool source_find(struct source *s, struct datasource_payload *ret);
