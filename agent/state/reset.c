/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns the walk over the state disk. It stays on that file system, and follows no link.
 */
#include "agent/state/reset.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/file_remove.h"
#include "lib/layout.h"
#include "lib/scope.h"

#define DEPTH_MAX 128

enum fate { GOES, STAYS, HOLDS }; /* HOLDS: something below it stays */

int reset_keep(struct reset *r, const char *path, struct error *err)
{
	const struct layout_row *row = layout_find(path);
	const char *rest = path + (row->path[1] ? strlen(row->path) : 0);
	const char *source = row->source;
	size_t len;

	if (*path != '/' || strstr(path, "..") || strpbrk(path, "\n"))
		return error_set(err, EINVAL, "%s is no plain absolute path", path);
	if (row->kind != LAYOUT_STATE && row->kind != LAYOUT_OVERLAY)
		return error_set(err, EINVAL, "%s is not on the state disk (%s)", path, row->why);
	while (*source == '/')
		source++;
	if (r->n == RESET_KEEP || strlen(source) + strlen(rest) >= RESET_PATH)
		return error_set(err, E2BIG, "%s: too much is to be kept", path);
	(void)snprintf(r->keep[r->n], RESET_PATH, "%.120s%.120s", source, rest);
	len = strlen(r->keep[r->n]);
	while (len && r->keep[r->n][len - 1] == '/')
		r->keep[r->n][--len] = '\0';
	r->n++;
	return 0;
}

static bool is_below(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	return !strncmp(path, dir, len) && (path[len] == '\0' || path[len] == '/');
}

static enum fate fate_of(const struct reset *r, const char *path)
{
	enum fate fate = GOES;

	for (size_t i = 0; i < r->n; i++) {
		if (is_below(path, r->keep[i]))
			return STAYS;
		if (is_below(r->keep[i], path))
			fate = HOLDS;
	}
	return fate;
}

int reset_request(int state, const struct reset *r, struct error *err)
{
	struct file_attr attr = { .mode = 0600, .uid = geteuid(), .gid = getegid() };
	AUTO_BUF struct buf text = { 0 };

	for (size_t i = 0; i < r->n; i++)
		buf_fmt(&text, "%s\n", r->keep[i]);
	return file_publish(state, RESET_FILE, buf_text(&text), text.len, &attr, NULL, err);
}

static int load(int state, struct reset *r, struct error *err)
{
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(RESET_KEEP * RESET_PATH);
	char *line, *rest;
	int ret = file_read(state, RESET_FILE, &text, err);

	*r = (struct reset){ 0 };
	if (ret < 0 || !text.len)
		return ret;
	for (line = strtok_r(text.data, "\n", &rest); line && r->n < RESET_KEEP;
	     line = strtok_r(NULL, "\n", &rest))
		(void)snprintf(r->keep[r->n++], RESET_PATH, "%.255s", line);
	return 0;
}

/* --- the walk --- */

struct walk {
	const struct reset *reset;
	dev_t dev;
	struct buf *goes, *kept; /* a preview; NULL: it is done */
};

static int walk(struct walk *w, int dir, const char *prefix, int depth, struct error *err);

static int enter(struct walk *w, int dir, const char *name, const char *path, int depth,
		 struct error *err)
{
	int sub = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (sub < 0)
		return error_sys(err, errno, "%s", path);
	return walk(w, sub, path, depth + 1, err);
}

static int remove_entry(struct walk *w, int dir, const char *name, const char *path, bool is_dir,
			int depth, struct error *err)
{
	int r = is_dir ? enter(w, dir, name, path, depth, err) : 0;

	if (r == 0 && unlinkat(dir, name, is_dir ? AT_REMOVEDIR : 0) < 0 && errno != ENOENT)
		return error_sys(err, errno, "remove %s", path);
	return r;
}

static int visit(struct walk *w, int dir, const char *name, const char *path, int depth,
		 struct error *err)
{
	enum fate fate = fate_of(w->reset, path);
	struct stat st;
	bool is_dir;

	if (!strcmp(path, RESET_FILE) || fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	is_dir = S_ISDIR(st.st_mode);
	if (st.st_dev != w->dev)
		return error_set(err, EBUSY, "%s is mounted on: nothing may use the state", path);
	if (fate == HOLDS && is_dir)
		return enter(w, dir, name, path, depth, err);
	if (w->goes) {
		buf_fmt(fate == STAYS ? w->kept : w->goes, "%s\n", path);
		return 0;
	}
	return fate == STAYS ? 0 : remove_entry(w, dir, name, path, is_dir, depth, err);
}

static int walk(struct walk *w, int dir, const char *prefix, int depth, struct error *err)
{
	AUTO_CLOSEDIR DIR *d = fdopendir(dir);
	const struct dirent *e;
	int r = 0;

	if (!d) {
		(void)close(dir);
		return error_sys(err, errno, "%s", prefix);
	}
	if (depth > DEPTH_MAX)
		return error_set(err, E2BIG, "%s: too deep", prefix);
	while (r == 0 && (e = readdir(d))) {
		char path[4096];

		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		if (snprintf(path, sizeof(path), "%s%s%s", prefix, *prefix ? "/" : "", e->d_name) >=
		    (int)sizeof(path))
			return error_set(err, ENAMETOOLONG, "%s/%s", prefix, e->d_name);
		r = visit(w, dirfd(d), e->d_name, path, depth, err);
	}
	return r;
}

static int start(int state, struct walk *w, struct error *err)
{
	struct stat st;
	int fd, r = file_open(state, ".", O_RDONLY | O_DIRECTORY, 0, &fd, err);

	if (r < 0)
		return r;
	if (fstat(fd, &st) < 0) {
		(void)close(fd);
		return error_sys(err, errno, "state");
	}
	w->dev = st.st_dev;
	return walk(w, fd, "", 0, err);
}

int reset_preview(int state, const struct reset *r, struct buf *goes, struct buf *kept,
		  struct error *err)
{
	struct walk w = { .reset = r, .goes = goes, .kept = kept };

	return start(state, &w, err);
}

int reset_apply(int state, bool *ret_done, struct error *err)
{
	AUTO_FREE struct reset *reset = calloc(1, sizeof(*reset));
	struct walk w = { .reset = reset };
	int r;

	*ret_done = false;
	if (!reset)
		return error_sys(err, ENOMEM, "reset");
	r = load(state, reset, err);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	r = start(state, &w, err);
	if (r == 0)
		r = file_remove(state, RESET_FILE, ret_done, err);
	return error_wrap(err, r, "factory reset");
}
