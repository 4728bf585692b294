/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plan: where the partitions lie, the kernel line, and the list of steps. Pure.
 */
#pragma once

#include "installer/install.h"
#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/error.h"

/* The smallest disk of sectors of this size that has room for three slots of this many bytes. */
uint64_t steps_disk_size(uint64_t slot, unsigned sector);
/* `found` is NULL when the partitions are made anew. */
int steps_plan(const struct install_request *q, const struct install_disk *d,
	       const struct install_payload *p, const struct install_found *found,
	       struct install_plan *ret,
	       struct error *err) MUST_CHECK;
/* "v1.2" of a slot "v1.2-abcdef01". */
void steps_version(const char *slot, char ret[INSTALL_SLOT_NAME]);
const char *steps_verb(enum install_verb verb);
/* {"steps": [{"verb", "what", "destructive"}], "table": [{"number", "name", "label", "type",
 * "start", "size", "flags"}]} */
void steps_json(const struct install_plan *plan, struct buf *out);
/* The same for people. */
void steps_print(const struct install_plan *plan, struct buf *out);
