/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sizes of swap files.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "agent/modules/swapsize.h"
#include "lib/attr.h"

#define GIB (UINT64_C(1) << 30)
#define MIB (UINT64_C(1) << 20)

bool swapsize_parse(const char *text, uint64_t *ret)
{
	static const struct {
		const char *unit;
		int shift;
	} units[] = { { "", 0 },     { "b", 0 },   { "k", 10 },	  { "kb", 10 }, { "kib", 10 },
		      { "m", 20 },   { "mb", 20 }, { "mib", 20 }, { "g", 30 },	{ "gb", 30 },
		      { "gib", 30 }, { "t", 40 },  { "tb", 40 },  { "tib", 40 } };
	char *end;
	double n;

	if (!strcasecmp(text, "auto")) {
		*ret = SWAPSIZE_AUTO;
		return true;
	}
	if (strspn(text, "0123456789.") == 0)
		return false;
	n = strtod(text, &end);
	if (end != text + strspn(text, "0123456789."))
		return false;
	end += strspn(end, " ");
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		double bytes = n * (double)(UINT64_C(1) << units[i].shift);

		if (strcasecmp(end, units[i].unit) || bytes > 1e15)
			continue;
		*ret = (uint64_t)bytes;
		return true;
	}
	return false;
}

static uint64_t automatic(uint64_t memory)
{
	static const struct {
		uint64_t memory, swap; /* up to so many GiB, so many GiB */
	} rows[] = { { 16, 4 }, { 32, 6 }, { 64, 8 }, { 128, 11 }, { 256, 16 } };

	if (memory <= 4 * GIB)
		return memory;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (memory <= rows[i].memory * GIB)
			return rows[i].swap * GIB;
	return 23 * GIB;
}

uint64_t swapsize_choose(const struct swapsize *s)
{
	uint64_t size = s->size;

	if (size == SWAPSIZE_AUTO) {
		size = automatic(s->memory);
		if (s->max && s->max != SWAPSIZE_AUTO && size > s->max)
			size = s->max;
		if (size > s->free / 4)
			size = s->free / 4;
	}
	/* Pages; less than a MiB serves nobody. */
	size -= size % MIB;
	return size;
}
