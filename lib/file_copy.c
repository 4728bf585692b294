/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Copying what may be large. The source's pages are let go of behind the copy: it is read once.
 */
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <sys/sendfile.h>

#include "lib/file.h"

#define PIECE (1u << 20)

int file_copy_fd(int from, int to, uint64_t size, const char *name, struct error *err)
{
	off_t at = 0;

	while ((uint64_t)at < size) {
		uint64_t left = size - (uint64_t)at;
		off_t begun = at;
		ssize_t n = sendfile(to, from, &at, left < PIECE ? (size_t)left : PIECE);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_sys(err, errno, "copy %s", name);
		if (n == 0)
			return error_set(err, EIO, "%s ended while it was copied", name);
		(void)posix_fadvise(from, begun, (off_t)n, POSIX_FADV_DONTNEED);
	}
	return 0;
}
