/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a datasource brought is kept as layers of the configuration: vendor-data, user-data,
 * network. Never half: what cannot be read leaves the last good one in its place, and says so.
 */
#pragma once

#include <stdbool.h>

#include "agent/userdata/instance.h"
#include "datasource/datasource.h"
#include "lib/attr.h"
#include "lib/doc/doc.h"
#include "lib/error.h"

struct keep {
	int root;
	struct doc_pool *pool;
	const struct datasource_payload *payload;
	const struct instance *instance;
	bool allow_loopback; /* included URLs may lead to this machine: tests */
	int (*network)(void *arg, struct error *err); /* brings it up for includes, or NULL */
	void *network_arg;
};

/* Write (or, where the source has none, remove) the files. *ret_good is false when user-data, or a
 * part of it, was refused; the pool's messages say why. */
int keep_payload(const struct keep *k, bool *ret_good, struct error *err) MUST_CHECK;
