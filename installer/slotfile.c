/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is written and what is read passes one watcher, which shows it and sums it up.
 */
#include "installer/slotfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "installer/readback.h"
#include "lib/crypto/sha256.h"
#include "lib/disk/fatrun.h"
#include "lib/pack/pack.h"
#include "lib/scope.h"

#define PIECE (1u << 20)
/* What writing past the kernel's memory wants of a buffer and a length; no sector is larger. */
#define ALIGN 4096u
/* The medium reads so far ahead of what is written. */
#define AHEAD (8u << 20)

struct watch {
	struct progress *progress; /* or NULL */
	struct sha256 *hash; /* or NULL */
	uint32_t crc;
};

static void watch_piece(void *arg, const void *data, size_t len)
{
	struct watch *w = arg;

	if (w->hash)
		sha256_add(w->hash, data, len);
	w->crc = pack_crc32(w->crc, data, len);
	if (w->progress)
		progress_add(w->progress, len);
}

static int write_all(int to, const char *data, size_t len, uint64_t at)
{
	for (size_t done = 0; done < len;) {
		ssize_t n = pwrite(to, data + done, len - done, (off_t)(at + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		done += (size_t)n;
	}
	return 0;
}

/* Past the kernel's memory, which is half the work, as far as that goes: not for the last bytes,
 * and not where a file system below an image file refuses it. */
static int write_piece(int to, int direct, const char *data, size_t len, uint64_t at)
{
	size_t whole = direct < 0 ? 0 : len / ALIGN * ALIGN;
	int r = whole ? write_all(direct, data, whole, at) : 0;

	if (r == -EINVAL)
		whole = 0;
	else if (r < 0)
		return r;
	return write_all(to, data + whole, len - whole, at + whole);
}

static int pump(int from, uint64_t size, const struct slotfile *f, uint64_t at, struct watch *w,
		struct error *err)
{
	AUTO_CLOSE int direct = open(f->boot.path, O_WRONLY | O_DIRECT | O_CLOEXEC);
	AUTO_FREE char *piece = aligned_alloc(ALIGN, PIECE);
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
		r = write_piece(f->fd, direct, piece, (size_t)n, at + done);
		done += (uint64_t)n;
	}
	return r < 0 ? error_sys(err, -r, "write") : 0;
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
		r = pump(f->payload->file[i].fd, size, f, at, w, err);
	return r < 0 ? r : mtools_move(&f->boot, "/" FATRUN_NAME, path, err);
}

static struct mtools watched(const struct slotfile *f, struct watch *w)
{
	struct mtools boot = f->boot;

	boot.seen = watch_piece;
	boot.arg = w;
	return boot;
}

static int write_file(const struct slotfile *f, const char *path, int i, struct watch *w,
		      struct error *err)
{
	struct mtools boot = watched(f, w);

	if (f->fresh)
		return copy_run(f, path, i, w, err);
	return mtools_put(&boot, path, f->payload->file[i].fd, f->payload->file[i].size, err);
}

/* On a partition that stays the file may be there: then it is not written again, so that a version
 * that starts is never half gone. */
static bool is_there(const struct slotfile *f, const char *path, int i, uint32_t *ret_crc)
{
	AUTO(sha256_free) struct sha256 *hash = NULL;
	struct watch w = { 0 };
	struct mtools boot = watched(f, &w);
	char text[SHA256_TEXT];

	if (f->fresh || sha256_new(&hash, NULL) < 0)
		return false;
	w.hash = hash;
	if (readback_file(&boot, path, f->payload->file[i].size, NULL) < 0 ||
	    sha256_text(hash, text, NULL) < 0 || strcmp(text, f->payload->file[i].hash) != 0)
		return false;
	*ret_crc = w.crc;
	return true;
}

int slotfile_copy(struct slotfile *f, const char *path, int i, struct error *err)
{
	AUTO(sha256_free) struct sha256 *hash = NULL;
	struct watch w = { .progress = f->progress };
	char text[SHA256_TEXT];
	int r;

	if (is_there(f, path, i, &f->crc[i])) {
		progress_add(f->progress, f->payload->file[i].size);
		return 0;
	}
	r = sha256_new(&hash, err);
	w.hash = hash;
	if (r == 0)
		r = write_file(f, path, i, &w, err);
	if (r == 0)
		r = sha256_text(hash, text, err);
	if (r < 0)
		return error_wrap(err, r, "%s", path);
	f->crc[i] = w.crc;
	if (!strcmp(text, f->payload->file[i].hash))
		return 0;
	return error_set(err, EBADMSG, "%s is not what its manifest says: the medium is damaged",
			 f->payload->file[i].from);
}

int slotfile_check(const struct slotfile *f, const char *path, int i, struct error *err)
{
	struct watch w = { .progress = f->progress };
	struct mtools boot = watched(f, &w);
	int r = readback_file(&boot, path, f->payload->file[i].size, err);

	if (r < 0 || w.crc == f->crc[i])
		return r;
	return error_set(err, EIO, "%s: what was read back differs (the disk is broken?)", path);
}
