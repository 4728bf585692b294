/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The users that a configuration asks for: `users` in all of cloud-init's forms, and `user`. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/doc/doc.h"

/* More users than this are a mistake, or an attack. */
#define USERSPEC_MAX 256
/* The image's own user, cloud-init's "default". */
#define USERSPEC_DEFAULT "rancher"

struct userspec {
	const char *name;
	struct doc_origin origin;
	const struct doc_node *map; /* NULL: only a name was given */
	bool is_default; /* it gets the machine's SSH keys, and may use sudo and Docker */
};

/* Fill ret (USERSPEC_MAX entries) in the order of the configuration; a user that is named twice is
 * one entry for each. Mistakes are messages of the pool, unless `quiet`. Returns how many. */
size_t userspec_list(struct doc_pool *p, const struct doc_node *config, bool quiet,
		     struct userspec *ret);
/* A key of the entry, written with "_" or "-"; NULL when it is not given, or null. */
const struct doc_node *userspec_get(const struct userspec *u, const char *key);
/* A text without control characters and ":"; anything else is a message and NULL. */
const char *userspec_text(struct doc_pool *p, const struct userspec *u, const char *key);
bool userspec_flag(const struct userspec *u, const char *key, bool fallback);
/* What the n entries of `all` say of `name` in these keys (up to NULL), as a number for mark_set().
 * Entries of the same user count together: each says a part of it. 0: nothing is said. */
uint64_t userspec_print(const struct userspec *all, size_t n, const char *name,
			const char *const *keys);
