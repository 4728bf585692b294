/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a datasource brought is kept as layers of the configuration: vendor-data, user-data,
 * network. Never half: what cannot be read leaves the last good one in its place, and says so.
 */
#pragma once

#include <stdbool.h>

#include "agent/instance.h"
#include "datasource/datasource.h"
#include "lib/attr.h"
#include "lib/doc/doc.h"
#include "lib/error.h"

/* Write (or, where the source has none, remove) the files. *ret_good is false when the user-data
 * was refused; the pool's messages say why. */
int keep_payload(int root, struct doc_pool *p, const struct datasource_payload *payload,
		 const struct instance *in, bool *ret_good, struct error *err) MUST_CHECK;
