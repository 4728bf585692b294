/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The owner of zlib.
 */
#include "lib/pack/pack.h"

#include <errno.h>
#include <stdint.h>
#include <zlib.h>

/* One member, from z's input to out. */
static int inflate_member(z_stream *z, struct buf *out)
{
	unsigned char piece[16384];
	int r = Z_OK;

	while (r == Z_OK) {
		z->next_out = piece;
		z->avail_out = sizeof(piece);
		r = inflate(z, Z_NO_FLUSH);
		buf_add(out, piece, sizeof(piece) - z->avail_out);
		if (out->failed)
			return -out->failed;
	}
	return r == Z_STREAM_END ? 0 : -EBADMSG;
}

int pack_gunzip(const void *data, size_t len, struct buf *out)
{
	z_stream z = { 0 };
	int r;

	if (inflateInit2(&z, 16 + MAX_WBITS) != Z_OK)
		return -ENOMEM;
	z.next_in = (unsigned char *)(uintptr_t)data;
	z.avail_in = (uInt)len;
	do {
		r = inflate_member(&z, out);
		if (r == 0 && z.avail_in && inflateReset(&z) != Z_OK)
			r = -EBADMSG;
		/* Padding of zeros after the last member is no member. */
		while (r == 0 && z.avail_in && *z.next_in == 0) {
			z.next_in++;
			z.avail_in--;
		}
	} while (r == 0 && z.avail_in);
	(void)inflateEnd(&z);
	return r;
}

uint32_t pack_crc32(uint32_t crc, const void *data, size_t len)
{
	return (uint32_t)crc32_z(crc, data, len);
}
