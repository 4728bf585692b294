/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lists that grow.
 */
#include "agent/network/state_read.h"

#include <stdlib.h>

void *state_read_grow(void **list, size_t n, size_t size, size_t max)
{
	void *more;

	if (n >= max)
		return NULL;
	if (n && (n & (n - 1)))
		return (char *)*list + n * size;
	more = realloc(*list, (n ? n * 2 : 1) * size);
	if (!more)
		return NULL;
	*list = more;
	return (char *)more + n * size;
}
