/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads in large pieces at their places of the disk.
 */
#include "installer/readback.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/disk/fat.h"
#include "lib/scope.h"

#define PIECE (1u << 20)
/* What reading past the kernel's memory wants of a buffer and a length; no sector is larger. */
#define ALIGN 4096u

struct reader {
	int fd;
	char *piece;
	const struct mtools *boot;
};

/* Some file systems below an image file take O_DIRECT and then do not. */
static ssize_t read_piece(const struct reader *r, size_t len, uint64_t at)
{
	ssize_t n = pread(r->fd, r->piece, len, (off_t)at);

	if (n < 0 && errno == EINVAL && fcntl(r->fd, F_SETFL, 0) == 0)
		n = pread(r->fd, r->piece, len, (off_t)at);
	return n;
}

static int read_run(void *arg, uint64_t at, uint64_t len, struct error *err)
{
	const struct reader *r = arg;

	while (len > 0) {
		size_t want = len < PIECE ? (size_t)len : PIECE;
		ssize_t n = read_piece(r, (want + ALIGN - 1) / ALIGN * ALIGN, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 || (size_t)n < want)
			return error_sys(err, n < 0 ? errno : EIO, "read");
		r->boot->seen(r->boot->arg, r->piece, want);
		at += want;
		len -= want;
	}
	return 0;
}

int readback_file(const struct mtools *boot, const char *file, uint64_t size, struct error *err)
{
	/* The file's place is read the usual way. */
	AUTO_CLOSE int fd = open(boot->path, O_RDONLY | O_CLOEXEC);
	AUTO_CLOSE int direct = open(boot->path, O_RDONLY | O_DIRECT | O_CLOEXEC);
	AUTO_FREE char *piece = aligned_alloc(ALIGN, PIECE);
	struct reader reader = { direct < 0 ? fd : direct, piece, boot };
	uint64_t has = 0;
	int r;

	if (fd < 0)
		return error_sys(err, errno, "%s", boot->path);
	if (!piece)
		return error_sys(err, ENOMEM, "read back");
	r = fat_map(fd, boot->start, file, &has, read_run, &reader, err);
	if (r == 0 && has != size)
		r = error_set(err, EIO, "it has %llu bytes, not %llu", (unsigned long long)has,
			      (unsigned long long)size);
	return error_wrap(err, r, "%s on %s", file, boot->path);
}
