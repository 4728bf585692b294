/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A walk from directory to directory, each opened by one name in the one before and never through a
 * link, so that nobody can put another one in its place meanwhile. A link that is followed is
 * written in front of what is still to go, and the walk starts again from the top.
 */
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/file_place.h"
#include "lib/scope.h"

/* As many links as the kernel follows. */
#define TURNS_MAX 40
#define DIR_MODE  0755

struct walk {
	const struct file_place_how *how;
	int top; /* "/"; borrowed */
	int dir; /* how far it has come */
	unsigned turns;
	char done[PATH_MAX]; /* the directories from top to dir; "" is top itself */
	char todo[PATH_MAX];
	const char *next; /* in todo */
	char name[NAME_MAX + 1];
};

static void walk_done(struct walk *w)
{
	if (w->dir >= 0)
		(void)close(w->dir);
}

/* Go on from the top with FIRST/SECOND. */
static int restart(struct walk *w, const char *first, const char *second, struct error *err)
{
	char todo[PATH_MAX];
	int n = snprintf(todo, sizeof(todo), "%s/%s", first, second);

	if (n < 0 || n >= PATH_MAX)
		return error_sys(err, ENAMETOOLONG, "%.64s…", first);
	if (w->turns++ == TURNS_MAX)
		return error_sys(err, ELOOP, "%.200s", first);
	walk_done(w);
	w->dir = openat(w->top, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (w->dir < 0)
		return error_sys(err, errno, "open the root");
	memcpy(w->todo, todo, (size_t)n + 1);
	w->next = w->todo;
	w->done[0] = '\0';
	return 0;
}

/* The next component into name; *ret_last says that none comes after it. -EISDIR: there is none. */
static int take_name(struct walk *w, bool *ret_last, struct error *err)
{
	const char *start = w->next + strspn(w->next, "/");
	size_t len = strcspn(start, "/");

	if (!len)
		return error_set(err, EISDIR, "\"%.200s\" is a directory", w->done);
	if (len > NAME_MAX)
		return error_sys(err, ENAMETOOLONG, "%.64s…", start);
	memcpy(w->name, start, len);
	w->name[len] = '\0';
	w->next = start + len;
	*ret_last = !w->next[strspn(w->next, "/")];
	return 0;
}

static bool is_own(const struct stat *st)
{
	return st->st_uid == 0 || st->st_uid == geteuid();
}

static bool is_own_dir(int dir)
{
	struct stat st;

	return fstat(dir, &st) == 0 && is_own(&st);
}

static int follow(struct walk *w, int link, const struct stat *st, struct error *err)
{
	char target[PATH_MAX], after[PATH_MAX];
	ssize_t n;
	int m;

	if (!is_own(st) || !is_own_dir(w->dir))
		return error_set(err, ELOOP,
				 "%.200s/%.100s is a link that a user may lay: it is not followed "
				 "(remove it, or write the path that it leads to)",
				 w->done, w->name);
	n = readlinkat(link, "", target, sizeof(target) - 1);
	if (n < 0)
		return error_sys(err, errno, "%.200s/%.100s", w->done, w->name);
	target[n] = '\0';
	m = snprintf(after, sizeof(after), "%s%s", target, w->next);
	if (m < 0 || m >= PATH_MAX)
		return error_sys(err, ENAMETOOLONG, "%.64s…", target);
	return restart(w, target[0] == '/' ? "" : w->done, after, err);
}

/* "..": nothing that was passed is a link, so it is the directory before, and that of the top is
 * the top. */
static int go_up(struct walk *w, struct error *err)
{
	char done[PATH_MAX], after[PATH_MAX];
	char *slash;

	memcpy(done, w->done, sizeof(done));
	memcpy(after, w->next, strlen(w->next) + 1);
	slash = strrchr(done, '/');
	if (slash)
		*slash = '\0';
	return restart(w, done, after, err);
}

static int make_dir(const struct walk *w, struct error *err)
{
	AUTO_CLOSE int fd = -1;
	struct stat st;

	if (mkdirat(w->dir, w->name, DIR_MODE) < 0)
		return errno == EEXIST ? 0 : error_sys(err, errno, "mkdir %.100s", w->name);
	fd = openat(w->dir, w->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return error_sys(err, errno, "open %.100s", w->name);
	if ((st.st_uid != w->how->uid || st.st_gid != w->how->gid) &&
	    fchown(fd, w->how->uid, w->how->gid) < 0)
		return error_sys(err, errno, "chown %.100s", w->name);
	/* Whatever the umask. */
	return fchmod(fd, DIR_MODE) < 0 ? error_sys(err, errno, "chmod %.100s", w->name) : 0;
}

static int open_name(const struct walk *w, bool make, int *ret, struct error *err)
{
	int r = 0;

	*ret = openat(w->dir, w->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (*ret < 0 && errno == ENOENT && make) {
		r = make_dir(w, err);
		*ret = openat(w->dir, w->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	}
	return r == 0 && *ret < 0 ? error_sys(err, errno, "open %.100s", w->name) : r;
}

static int enter(struct walk *w, int *fd, const struct stat *st, struct error *err)
{
	size_t len = strlen(w->done);

	if (!S_ISDIR(st->st_mode))
		return error_sys(err, ENOTDIR, "%.200s/%.100s", w->done, w->name);
	if (len + strlen(w->name) + 2 > PATH_MAX)
		return error_sys(err, ENAMETOOLONG, "%.64s…", w->done);
	(void)snprintf(w->done + len, PATH_MAX - len, "/%s", w->name);
	walk_done(w);
	w->dir = TAKE_FD(*fd);
	return 0;
}

/* One component. 1: it is the file's, and dir holds it. */
static int step(struct walk *w, struct error *err)
{
	AUTO_CLOSE int fd = -1;
	bool last = false;
	struct stat st;
	int r = take_name(w, &last, err);

	if (r < 0 || !strcmp(w->name, "."))
		return r;
	if (!strcmp(w->name, ".."))
		return go_up(w, err);
	if (last && !w->how->follow)
		return 1;
	r = open_name(w, !last, &fd, err);
	if (r == -ENOENT && last) {
		error_reset(err);
		return 1;
	}
	if (r < 0)
		return r;
	if (fstat(fd, &st) < 0)
		return error_sys(err, errno, "%.100s", w->name);
	if (S_ISLNK(st.st_mode))
		return follow(w, fd, &st, err);
	return last ? 1 : enter(w, &fd, &st, err);
}

int file_place_open(int root, const char *path, const struct file_place_how *how,
		    struct file_place *ret, struct error *err)
{
	CLEANUP(walk_done) struct walk w = { .how = how, .dir = -1 };
	AUTO_CLOSE int top = -1;
	int r = file_open(root, "/", O_PATH | O_DIRECTORY, 0, &top, err);

	if (r < 0)
		return r;
	w.top = top;
	for (r = restart(&w, "", path, err); r == 0;)
		r = step(&w, err);
	if (r < 0)
		return r;
	ret->own_dir = is_own_dir(w.dir);
	ret->dir = TAKE_FD(w.dir);
	memcpy(ret->base, w.name, sizeof(ret->base));
	return 0;
}
