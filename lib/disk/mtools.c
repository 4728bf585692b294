/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs mcopy, mmd, mmove and mren, and moves the bytes of large files through a socket, so that
 * whoever waits sees how far it is.
 */
#include "lib/disk/mtools.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/proc.h"
#include "lib/scope.h"

#define MTOOLS_CHUNK (256u << 10)
/* A disk that takes nothing for so long is broken. */
#define MTOOLS_STALL_S 120

static const char *const environment[] = { "PATH=" PROC_PATH, "MTOOLS_SKIP_CHECK=1",
					   "MTOOLS_FAT_COMPATIBILITY=1", "MTOOLSRC=/dev/null",
					   NULL };

/* A running mcopy, our end of its input or output, and what it said. */
struct copier {
	pid_t pid;
	int pidfd, socket, said;
};

static void copier_done(struct copier *c)
{
	scope_close(&c->socket);
	scope_close(&c->pidfd);
	scope_close(&c->said);
}

static int image_name(const struct mtools *f, char *name, size_t size, struct error *err)
{
	if (snprintf(name, size, "%s@@%llu", f->path, (unsigned long long)f->start) >= (int)size)
		return error_set(err, ENAMETOOLONG, "%s", f->path);
	return 0;
}

/* What it said, as one line. */
static void words_of(int fd, char *text, size_t size)
{
	ssize_t n = pread(fd, text, size - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	while (n > 0 && text[n - 1] == '\n')
		text[--n] = '\0';
	for (char *c = text; *c; c++) {
		if (*c == '\n')
			*c = ';';
	}
}

static int start(struct copier *c, const char *const *argv, bool feed, struct error *err)
{
	struct timeval stall = { .tv_sec = MTOOLS_STALL_S };
	struct proc_spec spec = { .argv = argv, .env = environment, .in = -1, .out = -1 };
	AUTO_CLOSE int its = -1;
	int pair[2];

	c->said = memfd_create("mcopy", MFD_CLOEXEC);
	if (c->said < 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return error_sys(err, errno, "socket");
	c->socket = pair[0];
	its = pair[1];
	(void)setsockopt(c->socket, SOL_SOCKET, SO_SNDTIMEO, &stall, sizeof(stall));
	(void)setsockopt(c->socket, SOL_SOCKET, SO_RCVTIMEO, &stall, sizeof(stall));
	spec.err = c->said;
	if (feed)
		spec.in = its;
	else
		spec.out = its;
	return proc_spawn(&spec, &c->pid, &c->pidfd, err);
}

/* Its end: what went wrong with it is why the copying stopped, if it did. */
static int finish(struct copier *c, int r, struct error *err)
{
	char words[300], text[64];
	int status, w;

	scope_close(&c->socket);
	c->socket = -1;
	w = proc_wait(c->pid, c->pidfd, MTOOLS_STALL_S * 1000, &status, r < 0 ? NULL : err);
	if (w < 0)
		return r < 0 ? r : w;
	if (status == 0 || (r < 0 && WIFSIGNALED(status)))
		return r;
	words_of(c->said, words, sizeof(words));
	/* It says why it fails, unless it was told to leave alone what is there already. */
	if (!*words && WIFEXITED(status) && WEXITSTATUS(status) == 1)
		return error_set(err, EEXIST, "is there already");
	return error_set(err, EIO, "%s",
			 *words ? words : proc_status_text(status, text, sizeof(text)));
}

static int send_all(int to, const char *data, size_t len, struct error *err)
{
	while (len > 0) {
		ssize_t n = send(to, data, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_sys(err, errno == EAGAIN ? ETIMEDOUT : errno, "write");
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

/* One piece of our own file. */
static int read_piece(int fd, char *piece, uint64_t at, size_t want, struct error *err)
{
	for (size_t have = 0; have < want;) {
		ssize_t n = pread(fd, piece + have, want - have, (off_t)(at + have));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_sys(err, errno, "read");
		if (n == 0)
			return error_set(err, EIO, "the source is shorter than it was");
		have += (size_t)n;
	}
	return 0;
}

static size_t piece_of(uint64_t at, uint64_t len)
{
	return len - at < MTOOLS_CHUNK ? (size_t)(len - at) : MTOOLS_CHUNK;
}

static int feed(const struct mtools *f, int to, int fd, uint64_t len, struct error *err)
{
	AUTO_FREE char *piece = malloc(MTOOLS_CHUNK);

	if (!piece)
		return error_sys(err, ENOMEM, "copy");
	for (uint64_t at = 0; at < len;) {
		size_t want = piece_of(at, len);
		int r = read_piece(fd, piece, at, want, err);

		if (r == 0)
			r = send_all(to, piece, want, err);
		if (r < 0)
			return r;
		if (f->seen)
			f->seen(f->arg, piece, want);
		at += want;
	}
	return 0;
}

int mtools_put(const struct mtools *f, const char *to, int fd, uint64_t len, struct error *err)
{
	CLEANUP(copier_done) struct copier c = { .pidfd = -1, .socket = -1, .said = -1 };
	char image[600], target[300];
	const char *argv[] = { "mcopy", "-D", "o", "-i", image, "-", target, NULL };
	int r = image_name(f, image, sizeof(image), err);

	(void)snprintf(target, sizeof(target), "::%s", to);
	if (r == 0)
		r = start(&c, argv, true, err);
	if (r < 0)
		return r;
	r = finish(&c, feed(f, c.socket, fd, len, err), err);
	return error_wrap(err, r, "%s on %s", to, f->path);
}

int mtools_put_text(const struct mtools *f, const char *to, const char *text, struct error *err)
{
	AUTO_CLOSE int fd = memfd_create("text", MFD_CLOEXEC);
	struct mtools quiet = { .path = f->path, .start = f->start };
	size_t len = strlen(text);

	if (fd < 0 || write(fd, text, len) != (ssize_t)len)
		return error_sys(err, errno, "%s", to);
	return mtools_put(&quiet, to, fd, len, err);
}

static int receive(int from, char *data, size_t len, size_t *ret, struct error *err)
{
	*ret = 0;
	while (*ret < len) {
		ssize_t n = recv(from, data + *ret, len - *ret, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_sys(err, errno == EAGAIN ? ETIMEDOUT : errno, "read");
		if (n == 0)
			break;
		*ret += (size_t)n;
	}
	return 0;
}

static int pass_on(const struct mtools *f, int from, uint64_t len, struct error *err)
{
	AUTO_FREE char *piece = malloc(MTOOLS_CHUNK);
	size_t n = 0;
	int r;

	if (!piece)
		return error_sys(err, ENOMEM, "read back");
	for (uint64_t at = 0; at < len; at += n) {
		size_t want = piece_of(at, len);

		r = receive(from, piece, want, &n, err);
		if (r < 0)
			return r;
		if (n < want)
			return error_set(err, EIO, "what was read back is too short");
		f->seen(f->arg, piece, n);
	}
	r = receive(from, piece, 1, &n, err);
	return r == 0 && n ? error_set(err, EIO, "what was read back is too long") : r;
}

int mtools_read(const struct mtools *f, const char *from, uint64_t len, struct error *err)
{
	CLEANUP(copier_done) struct copier c = { .pidfd = -1, .socket = -1, .said = -1 };
	char image[600], source[300];
	const char *argv[] = { "mcopy", "-i", image, source, "-", NULL };
	int r = image_name(f, image, sizeof(image), err);

	(void)snprintf(source, sizeof(source), "::%s", from);
	if (r == 0)
		r = start(&c, argv, false, err);
	if (r < 0)
		return r;
	r = pass_on(f, c.socket, len, err);
	if (r < 0) {
		/* It may hang in a write that nobody reads. */
		(void)finish(&c, r, NULL);
		return error_wrap(err, r, "%s on %s", from, f->path);
	}
	return error_wrap(err, finish(&c, r, err), "%s on %s", from, f->path);
}

int mtools_get_text(const struct mtools *f, const char *from, struct buf *ret, struct error *err)
{
	CLEANUP(copier_done) struct copier c = { .pidfd = -1, .socket = -1, .said = -1 };
	char image[600], source[300];
	const char *argv[] = { "mcopy", "-i", image, source, "-", NULL };
	int r = image_name(f, image, sizeof(image), err);

	(void)snprintf(source, sizeof(source), "::%s", from);
	if (r == 0)
		r = start(&c, argv, false, err);
	if (r == 0)
		r = finish(&c, file_read_fd(c.socket, from, ret, err), err);
	return error_wrap(err, r, "%s on %s", from, f->path);
}

/* mmd or mren, which move no bytes. */
static int run_words(const struct mtools *f, const char *const *words, struct error *err)
{
	CLEANUP(copier_done) struct copier c = { .pidfd = -1, .socket = -1, .said = -1 };
	char image[600];
	const char *argv[10] = { words[0], "-D", "s", "-i", image };
	int r = image_name(f, image, sizeof(image), err);
	size_t n = 5;

	for (size_t i = 1; words[i] && n < ARRAY_LEN(argv) - 1; i++)
		argv[n++] = words[i];
	argv[n] = NULL;
	if (r == 0)
		r = start(&c, argv, false, err);
	return r < 0 ? r : finish(&c, 0, err);
}

int mtools_mkdir(const struct mtools *f, const char *dir, struct error *err)
{
	char name[300];
	const char *words[] = { "mmd", name, NULL };
	int r;

	(void)snprintf(name, sizeof(name), "::%s", dir);
	r = run_words(f, words, err);
	if (r != -EEXIST)
		return error_wrap(err, r, "%s on %s", dir, f->path);
	error_reset(err);
	return 0;
}

int mtools_move(const struct mtools *f, const char *from, const char *to, struct error *err)
{
	char a[300], b[300];
	const char *words[] = { "mmove", a, b, NULL };

	(void)snprintf(a, sizeof(a), "::%s", from);
	(void)snprintf(b, sizeof(b), "::%s", to);
	return error_wrap(err, run_words(f, words, err), "%s on %s", to, f->path);
}

int mtools_rename(const struct mtools *f, const char *from, const char *to, struct error *err)
{
	char a[300], b[300];
	const char *words[] = { "mren", a, b, NULL };

	(void)snprintf(a, sizeof(a), "::%s", from);
	(void)snprintf(b, sizeof(b), "::%s", to);
	return error_wrap(err, run_words(f, words, err), "%s on %s", to, f->path);
}
