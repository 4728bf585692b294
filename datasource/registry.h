/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The drivers, and the choice among them, with the reason for each (§1.1 of the datasource
 * reference). Nothing is probed here: the facts decide, and what the owner configured.
 */
#pragma once

#include "datasource/datasource.h"
#include "lib/doc/doc.h"

#define REGISTRY_MAX 40
#define REGISTRY_ARG 512
#define REGISTRY_NAME 64

struct registry_choice {
	const struct datasource *source;
	char arg[REGISTRY_ARG]; /* of NAME:ARG in the configuration; "" */
	bool is_listed;		/* rancher.cloud_init.datasources names it */
	struct datasource_clue clue;
};

extern const struct datasource *const registry_all[]; /* in order of priority; NULL-terminated */

/* NULL when there is none of that name; `len` bytes count, the case does not. */
const struct datasource *registry_find(const char *name, size_t len);
/* The owner says which sources count: by `list` (see below), or on the kernel line. */
bool registry_is_told(const struct machine *m, const struct doc_node *list);
/* Fill `ret` (REGISTRY_MAX rows) in order of priority; returns how many. `list` is the value of
 * rancher.cloud_init.datasources, or NULL: it names the sources that are allowed, first one first.
 * *ret_chosen is the index of the one that is surely here, or the number of rows. Names in the list
 * that are unknown, and entries that have no place, are left out. An entry may be a list in a text.
 */
size_t registry_choose(const struct machine *m, const struct doc_node *list,
		       struct registry_choice *ret, size_t *ret_chosen);
/* Whether the list has a name that no source has: the last such. */
bool registry_stranger(const struct doc_node *list, char ret[REGISTRY_NAME]);
