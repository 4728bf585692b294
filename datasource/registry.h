/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The drivers in their order of priority, and the choice among them, with the reason for each.
 */
#pragma once

#include "datasource/datasource.h"

#define REGISTRY_MAX 32

struct registry_choice {
	const struct datasource *source;
	enum datasource_match match;
	char reason[DATASOURCE_REASON];
};

/* Fill `ret` (REGISTRY_MAX rows) in order of priority; returns how many. *ret_chosen is the first
 * that is surely here, or NULL. */
size_t registry_choose(const struct machine *m, struct registry_choice *ret,
		       const struct datasource **ret_chosen);
