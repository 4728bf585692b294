/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The owner's own layer, cloud-config.yml: what `ros config set` and its like change.
 */
#pragma once

#include "lib/attr.h"
#include "lib/doc/doc.h"
#include "lib/error.h"

/* Merge `more` into it, unless something is wrong with it: the pool's messages are printed. */
int config_own_add(int root, struct doc_pool *p, const struct doc_node *more,
		   struct error *err) MUST_CHECK;
/* The same of one key, whose value takes the place of what the file had there: a map is not merged
 * with the one before, but for those at the root. -EINVAL when `path` is no key. */
int config_own_set(int root, struct doc_pool *p, const char *path, const struct doc_node *val,
		   struct error *err) MUST_CHECK;
/* Take a key out of it; 0 also when it is not there. */
int config_own_remove(int root, const char *path, struct error *err) MUST_CHECK;
/* Have `val` at this key and nothing else of what was there; NULL takes the key out. It is what was
 * there before, and is not checked again. */
int config_own_replace(int root, const char *path, const struct doc_node *val,
		       struct error *err) MUST_CHECK;
