/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Marks of the parts of a module's work: a module is repeated while any part of it fails and when
 * its keys change, which must not do again what was done of the other parts.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "agent/modules/module.h"
#include "lib/attr.h"
#include "lib/error.h"

/* What an entry says, as a number. */
uint64_t mark_print(const struct doc_node *entry);
/* The part was done: for this instance, or ever for a module of frequency "once". Never for one of
 * frequency "boot". *ret_print is what it said then. */
bool mark_is_set(const struct module_ctx *c, const struct module *m, const char *part,
		 uint64_t *ret_print);
/* Mark it so. Without `durable` a power cut may lose the mark. Nothing is written that is the same.
 * A failure is a warning of the pool: that `what` ("the password of bob is set") could not be
 * noted. */
void mark_set(const struct module_ctx *c, const struct module *m, const char *part, uint64_t print,
	      bool durable, struct doc_origin at, const char *what);
