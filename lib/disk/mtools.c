/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs mcopy, mmd, mmove, mren, mdir and mdeltree, and moves the bytes of large files through a
 * socket, so that whoever waits sees how far it is.
 */
#include "lib/disk/mtools.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
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
/* Of a program's command line, and of a name. */
#define WORDS_MAX 16
#define NAME_ROOM 300
/* Of the list of a directory. */
#define LIST_MAX (256u << 10)

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

/* A program that is told all by its words. */
static int run_words(const struct mtools *f, const char *const *words, struct error *err)
{
	CLEANUP(copier_done) struct copier c = { .pidfd = -1, .socket = -1, .said = -1 };
	const char *argv[WORDS_MAX + 8] = { words[0], "-D", words[1], "-i" };
	char image[600];
	int r = image_name(f, image, sizeof(image), err);
	size_t n = 4;

	argv[n++] = image;
	for (size_t i = 2; words[i]; i++)
		argv[n++] = words[i];
	if (r == 0)
		r = start(&c, argv, false, err);
	return r < 0 ? r : finish(&c, 0, err);
}

int mtools_mkdirs(const struct mtools *f, const char *const *dirs, struct error *err)
{
	const char *words[WORDS_MAX + 1] = { "mmd", "s" };
	char names[WORDS_MAX][NAME_ROOM];
	int r;

	for (size_t i = 0; i < WORDS_MAX - 2 && dirs[i]; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "::%s", dirs[i]);
		words[i + 2] = names[i];
	}
	r = run_words(f, words, err);
	if (r != -EEXIST)
		return error_wrap(err, r, "%s on %s", dirs[0], f->path);
	error_reset(err);
	return 0;
}

int mtools_put_files(const struct mtools *f, const char *dir, const char *const *files,
		     struct error *err)
{
	const char *words[WORDS_MAX + 1] = { "mcopy", "o" };
	char target[NAME_ROOM];
	size_t n = 2;

	for (size_t i = 0; n < WORDS_MAX - 1 && files[i]; i++)
		words[n++] = files[i];
	(void)snprintf(target, sizeof(target), "::%s/", dir);
	words[n] = target;
	return error_wrap(err, run_words(f, words, err), "%s on %s", dir, f->path);
}

/* A directory of our own, and its files. */
struct texts {
	const char *dir; /* "": none yet */
	char paths[WORDS_MAX][NAME_ROOM];
	size_t n;
};

static void texts_done(struct texts *t)
{
	for (size_t i = 0; i < t->n; i++)
		(void)unlink(t->paths[i]);
	if (*t->dir)
		(void)rmdir(t->dir);
}

int mtools_put_texts(const struct mtools *f, const char *dir, const struct mtools_text *texts,
		     struct error *err)
{
	const struct file_attr attr = { .mode = 0600, .uid = geteuid(), .gid = getegid(),
					.relaxed = true };
	char tmp[] = "/tmp/ros-boot-XXXXXX";
	CLEANUP(texts_done) struct texts t = { .dir = "" };
	const char *files[WORDS_MAX] = { NULL };
	int r = 0;

	if (!mkdtemp(tmp))
		return error_sys(err, errno, "/tmp");
	t.dir = tmp;
	for (size_t i = 0; r == 0 && texts[i].text && t.n < WORDS_MAX - 3; i++) {
		char *path = t.paths[t.n];

		(void)snprintf(path, NAME_ROOM, "%s/%.64s", tmp, texts[i].name);
		files[t.n++] = path;
		r = file_publish(FILE_ROOT, path, texts[i].text, strlen(texts[i].text), &attr,
				 NULL, err);
	}
	return r < 0 ? r : mtools_put_files(f, dir, files, err);
}

int mtools_move(const struct mtools *f, const char *from, const char *to, struct error *err)
{
	char a[300], b[300];
	const char *words[] = { "mmove", "s", a, b, NULL };

	(void)snprintf(a, sizeof(a), "::%s", from);
	(void)snprintf(b, sizeof(b), "::%s", to);
	return error_wrap(err, run_words(f, words, err), "%s on %s", to, f->path);
}

int mtools_rename(const struct mtools *f, const char *from, const char *to, struct error *err)
{
	char a[300], b[300];
	const char *words[] = { "mren", "s", a, b, NULL };

	(void)snprintf(a, sizeof(a), "::%s", from);
	(void)snprintf(b, sizeof(b), "::%s", to);
	return error_wrap(err, run_words(f, words, err), "%s on %s", to, f->path);
}

int mtools_list(const struct mtools *f, const char *dir, struct buf *ret, struct error *err)
{
	AUTO_BUF struct buf paths = BUF_WITH_LIMIT(LIST_MAX);
	CLEANUP(copier_done) struct copier c = { .pidfd = -1, .socket = -1, .said = -1 };
	char image[600], source[NAME_ROOM];
	const char *argv[] = { "mtools", "-c", "mdir", "-b", "-i", image, source, NULL };
	int r = image_name(f, image, sizeof(image), err);

	(void)snprintf(source, sizeof(source), "::%s", dir);
	if (r == 0)
		r = start(&c, argv, false, err);
	if (r == 0)
		r = finish(&c, file_read_fd(c.socket, dir, &paths, err), err);
	if (r < 0 && strstr(err->msg, "not found")) {
		error_reset(err);
		return 0;
	}
	/* "::/dir/name", one a line. */
	for (char *path, *rest = paths.data; r == 0 && rest && (path = strsep(&rest, "\n"));) {
		if (!strncmp(path, source, strlen(source)) && path[strlen(source)] == '/')
			buf_fmt(ret, "%s\n", path + strlen(source) + 1);
	}
	return r < 0 ? error_wrap(err, r, "%s on %s", dir, f->path) : buf_check(ret, err);
}

int mtools_remove(const struct mtools *f, const char *dir, struct error *err)
{
	CLEANUP(copier_done) struct copier c = { .pidfd = -1, .socket = -1, .said = -1 };
	char image[600], target[NAME_ROOM];
	const char *argv[] = { "mtools", "-c", "mdeltree", "-i", image, target, NULL };
	int r = image_name(f, image, sizeof(image), err);

	(void)snprintf(target, sizeof(target), "::%s", dir);
	if (r == 0)
		r = start(&c, argv, false, err);
	return error_wrap(err, r < 0 ? r : finish(&c, 0, err), "%s on %s", dir, f->path);
}
