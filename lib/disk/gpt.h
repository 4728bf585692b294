/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making the last partition of a GPT larger such that a power cut at any point leaves a table.
 *
 * Linux looks at the second copy only when it is told to, so the first must be whole all the time.
 * A header is one sector, which a disk writes or does not write; but the list of partitions is of
 * its own sectors, and the header has its check sum. So the new list goes where nothing is, the
 * header is turned to it, and only then the list at its usual place is written.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/error.h"

/* Entries that any table has room for; more are refused. */
#define GPT_LIST_MAX (64u << 10)
#define GPT_WRITES   7

/* One write; all of them are flushed to the disk before the next one. */
struct gpt_write {
	uint64_t at;
	size_t len;
	const void *data;
};

/* What is to be written, in order. */
struct gpt_plan {
	struct gpt_write write[GPT_WRITES];
	size_t n;              /* 0: nothing to do */
	uint64_t start, size;  /* of the partition afterwards, bytes */
	unsigned char *memory; /* what the writes point into */
};

/* Whether a disk begins with a GPT; not when it cannot be read. */
bool gpt_is_there(int fd, unsigned sector);
/* Plan to make partition `number` reach to the end of a disk of `size` bytes, and the second copy
 * to be there; nothing when another partition lies behind it, or when no more than `slack` bytes
 * do. Reads only. -ENODATA: no such partition; -EBADMSG: no whole table; -ENOSPC: no room before
 * the first partition for a second list. The caller calls gpt_plan_done() whatever is returned. */
int gpt_plan_grow(int fd, unsigned sector, uint64_t size, unsigned number, uint64_t slack,
		  struct gpt_plan *ret, struct error *err) MUST_CHECK;
/* Write it. */
int gpt_apply(int fd, const struct gpt_plan *plan, struct error *err) MUST_CHECK;
void gpt_plan_done(struct gpt_plan *plan);
