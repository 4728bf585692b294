/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gzip, and the checksum that it and others use. The only file that includes zlib.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/buf.h"

/* All members of a gzip file, checksums checked. -EBADMSG when damaged or cut off, -E2BIG beyond
 * out's limit; nothing is half-used after a failure. */
int pack_gunzip(const void *data, size_t len, struct buf *out) MUST_CHECK;
/* CRC-32 as IEEE 802.3 has it; `crc` is that of what came before, 0 at first. */
uint32_t pack_crc32(uint32_t crc, const void *data, size_t len);
