/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns the archives of images on the state disk.
 */
#include "agent/service/preload.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/engine/docker_image.h"
#include "agent/message.h"
#include "lib/file.h"
#include "lib/scope.h"

#define ARCHIVES_MAX 256

/* What Docker unpacks by itself. */
static const char *const endings[] = { ".tar", ".gz", ".tgz", ".xz", ".txz", ".bz2", ".zst" };

struct archive {
	char name[NAME_MAX + 1];
	char print[64]; /* of the file as it is: what its mark says once it was loaded */
};

struct archives {
	struct archive all[ARCHIVES_MAX];
	size_t n;
};

static bool is_archive(const char *name)
{
	const size_t len = strlen(name);

	for (size_t i = 0; *name != '.' && i < ARRAY_LEN(endings); i++) {
		const size_t end = strlen(endings[i]);

		if (len > end && len < NAME_MAX - 8 && !strcmp(name + len - end, endings[i]))
			return true;
	}
	return false;
}

static void mark_path(const char *dir, const struct archive *a, char path[PATH_MAX])
{
	(void)snprintf(path, PATH_MAX, "%.64s/%.255s.done", dir, a->name);
}

/* RancherOS' marks are empty. */
static bool is_done(int root, const char *dir, const struct archive *a)
{
	AUTO_BUF struct buf mark = BUF_WITH_LIMIT(256);
	char path[PATH_MAX];

	mark_path(dir, a, path);
	return file_read(root, path, &mark, NULL) == 0 &&
	       (mark.len == 0 || !strcmp(buf_text(&mark), a->print));
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct archive *)a)->name, ((const struct archive *)b)->name);
}

static void list(int root, const char *path, struct archives *ret)
{
	AUTO_CLOSEDIR DIR *dir = NULL;
	const struct dirent *e;
	int fd;

	ret->n = 0;
	if (file_open(root, path, O_RDONLY | O_DIRECTORY, 0, &fd, NULL) < 0)
		return;
	dir = fdopendir(fd);
	if (!dir) {
		(void)close(fd);
		return;
	}
	while (ret->n < ARCHIVES_MAX && (e = readdir(dir))) {
		struct archive *a = &ret->all[ret->n];
		struct stat st;

		if (!is_archive(e->d_name) || fstatat(fd, e->d_name, &st, 0) < 0 ||
		    !S_ISREG(st.st_mode))
			continue;
		(void)snprintf(a->name, sizeof(a->name), "%s", e->d_name);
		(void)snprintf(a->print, sizeof(a->print), "%" PRId64 " %" PRId64 "\n",
			       (int64_t)st.st_size, (int64_t)st.st_mtime);
		if (!is_done(root, path, a))
			ret->n++;
	}
	qsort(ret->all, ret->n, sizeof(*ret->all), by_name);
}

bool preload_is_pending(int root, const char *dir)
{
	AUTO_FREE struct archives *a = calloc(1, sizeof(*a));

	if (a)
		list(root, dir, a);
	return a && a->n;
}

static int load_one(int root, const char *dir, const struct archive *a, struct engine *e,
		    struct error *err)
{
	const struct file_attr attr = { .mode = 0644, .uid = geteuid(), .gid = getegid() };
	char path[PATH_MAX];
	int r;

	(void)snprintf(path, sizeof(path), "%.64s/%.255s", dir, a->name);
	r = docker_image_load(e, root, path, err);
	if (r < 0)
		return r;
	mark_path(dir, a, path);
	return file_publish(root, path, a->print, strlen(a->print), &attr, NULL, err);
}

void preload_load(int root, const char *dir, struct engine *e)
{
	AUTO_FREE struct archives *a = calloc(1, sizeof(*a));

	if (a)
		list(root, dir, a);
	for (size_t i = 0; a && i < a->n; i++) {
		struct error err = { 0 };

		if (load_one(root, dir, &a->all[i], e, &err) < 0)
			message_say(JOURNAL_FAIL, "preload", "%s", err.msg);
		else
			journal_say(JOURNAL_CONFIG, "preload", "%s/%s was loaded", dir,
				    a->all[i].name);
	}
}
