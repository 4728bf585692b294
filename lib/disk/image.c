/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the formats share: bounded reads at an offset, and the components of a path.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "lib/disk/image.h"

#define PIECE 16384

bool image_split(const char *path, struct image_name *ret)
{
	const char *end;

	while (*path == '/')
		path++;
	end = strchrnul(path, '/');
	*ret = (struct image_name){ .text = path, .len = (size_t)(end - path) };
	while (*end == '/')
		end++;
	ret->rest = *end ? end : NULL;
	return ret->len > 0;
}

int image_pread(int fd, uint64_t at, void *to, size_t len, struct error *err)
{
	size_t got = 0;

	while (got < len) {
		ssize_t n = pread(fd, (char *)to + got, len - got, (off_t)(at + got));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_sys(err, errno, "it cannot be read at byte %llu",
					 (unsigned long long)(at + got));
		if (n == 0)
			return error_set(err, EBADMSG, "it is cut off at byte %llu",
					 (unsigned long long)(at + got));
		got += (size_t)n;
	}
	return 0;
}

int image_copy(int fd, uint64_t at, size_t len, struct buf *b, struct error *err)
{
	char piece[PIECE];

	while (len > 0) {
		size_t n = len < sizeof(piece) ? len : sizeof(piece);
		int r = image_pread(fd, at, piece, n, err);

		if (r < 0)
			return r;
		buf_add(b, piece, n);
		if (b->failed)
			return buf_check(b, err);
		at += n;
		len -= n;
	}
	return 0;
}
