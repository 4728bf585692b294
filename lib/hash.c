/* SPDX-License-Identifier: Apache-2.0 */
/*
 * FNV-1a.
 */
#include "lib/hash.h"

uint64_t hash_text(const void *data, size_t len)
{
	const unsigned char *s = data;
	uint64_t h = 0xcbf29ce484222325u;

	for (size_t i = 0; i < len; i++)
		h = (h ^ s[i]) * 0x100000001b3u;
	return h;
}
