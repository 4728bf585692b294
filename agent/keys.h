/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of configuration keys: what kind of value each takes. So far it holds the keys that
 * something reads, and is used to find values of the wrong kind; defaults, help, frequency and
 * suggestions become further columns of the same rows.
 */
#pragma once

#include "lib/doc/doc.h"

/* Note every value of the wrong kind as an error of the pool, at the value's place. */
void keys_check(struct doc_pool *p, const struct doc_node *doc);
