/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Command lists (runcmd, bootcmd) → a shell script. Pure.
 */
#pragma once

#include <stdbool.h>

#include "lib/buf.h"
#include "lib/doc/doc.h"

/* A script for /bin/sh that runs every command of the list in order and in the same shell (`cd`
 * and `export` hold for those behind), goes on after one that fails, says which, and exits with the
 * first failure's code. `exit`, and a failure after `set -e`, end it; that is said, too. Returns
 * how many commands it has; mistakes are messages of the pool and left out. */
size_t runcmd_script(struct doc_pool *p, const char *key, const struct doc_node *list,
		     struct buf *out);
/* An item that is no command, and no mistake: null, and an empty list. */
bool runcmd_is_empty(const struct doc_node *item);
/* A word in single quotes, whatever it holds. */
void runcmd_quote(const char *word, struct buf *out);
