/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is written and what is read passes one watcher, which shows and hashes it.
 */
#include "installer/slotfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/crypto/sha256.h"
#include "lib/disk/fatrun.h"
#include "lib/scope.h"

#define PIECE (1u << 20)
/* The medium reads so far ahead of what is written. */
#define AHEAD (8u << 20)

struct watch {
	struct progress *progress;
	struct sha256 *hash;
};

static void watch_piece(void *arg, const void *data, size_t len)
{
	struct watch *w = arg;

	sha256_add(w->hash, data, len);
	progress_add(w->progress, len);
}

static int write_piece(int to, const char *data, size_t len, uint64_t at, struct error *err)
{
	for (size_t done = 0; done < len;) {
		ssize_t n = pwrite(to, data + done, len - done, (off_t)(at + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_sys(err, errno, "write");
		done += (size_t)n;
	}
	/* The disk has something to do while the next piece is read. */
	(void)sync_file_range(to, (off_t)at, (off_t)len, SYNC_FILE_RANGE_WRITE);
	return 0;
}

static int pump(int from, uint64_t size, int to, uint64_t at, struct watch *w, struct error *err)
{
	AUTO_FREE char *piece = malloc(PIECE);
	uint64_t done = 0;
	int r = 0;

	if (!piece)
		return error_sys(err, ENOMEM, "copy");
	while (r == 0 && done < size) {
		size_t want = size - done < PIECE ? (size_t)(size - done) : PIECE;
		ssize_t n;

		(void)posix_fadvise(from, (off_t)done, AHEAD, POSIX_FADV_WILLNEED);
		n = pread(from, piece, want, (off_t)done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? error_sys(err, errno, "read")
				     : error_set(err, EIO, "the source is shorter than it was");
		watch_piece(w, piece, (size_t)n);
		r = write_piece(to, piece, (size_t)n, at + done, err);
		done += (uint64_t)n;
	}
	return r;
}

/* Room in one run, the bytes into it, and only then its name. */
static int copy_run(const struct slotfile *f, const char *path, int i, struct watch *w,
		    struct error *err)
{
	uint64_t size = f->payload->file[i].size, at = 0;
	int r = mtools_put_text(&f->boot, "/" FATRUN_NAME, "", err);

	if (r == 0)
		r = fatrun_reserve(f->fd, f->boot.start, size, &at, err);
	if (r == 0)
		r = pump(f->payload->file[i].fd, size, f->fd, at, w, err);
	return r < 0 ? r : mtools_move(&f->boot, "/" FATRUN_NAME, path, err);
}

static struct mtools watched(const struct slotfile *f, struct watch *w)
{
	struct mtools m = f->boot;

	m.seen = watch_piece;
	m.arg = w;
	return m;
}

/* How the bytes of a file pass the watcher. */
typedef int pass_fn(const struct slotfile *f, const char *path, int i, struct watch *w,
		    struct error *err);

static int write_file(const struct slotfile *f, const char *path, int i, struct watch *w,
		      struct error *err)
{
	struct mtools boot = watched(f, w);

	if (f->fresh)
		return copy_run(f, path, i, w, err);
	return mtools_put(&boot, path, f->payload->file[i].fd, f->payload->file[i].size, err);
}

static int read_file(const struct slotfile *f, const char *path, int i, struct watch *w,
		     struct error *err)
{
	struct mtools boot = watched(f, w);

	return mtools_read(&boot, path, f->payload->file[i].size, err);
}

/* *ret: what was seen is what the manifest says. */
static int pass(const struct slotfile *f, const char *path, int i, pass_fn *way, bool *ret,
		struct error *err)
{
	AUTO(sha256_free) struct sha256 *hash = NULL;
	struct watch w = { .progress = f->progress };
	char text[SHA256_TEXT];
	int r = sha256_new(&hash, err);

	w.hash = hash;
	if (r == 0)
		r = way(f, path, i, &w, err);
	if (r == 0)
		r = sha256_text(hash, text, err);
	*ret = r == 0 && !strcmp(text, f->payload->file[i].hash);
	return r;
}

int slotfile_copy(const struct slotfile *f, const char *path, int i, struct error *err)
{
	bool right;
	int r = pass(f, path, i, write_file, &right, err);

	if (r < 0 || right)
		return error_wrap(err, r, "%s", path);
	return error_set(err, EBADMSG, "%s is not what its manifest says: the medium is damaged",
			 f->payload->file[i].from);
}

int slotfile_check(const struct slotfile *f, const char *path, int i, struct error *err)
{
	bool right;
	int r = pass(f, path, i, read_file, &right, err);

	if (r < 0 || right)
		return r;
	return error_set(err, EIO, "%s: what was read back differs (the disk is broken?)", path);
}
