/* SPDX-License-Identifier: Apache-2.0 */
/*
 * swap: a swap file, made once and turned on at every boot.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "agent/modules/rows.h"
#include "agent/modules/swapsize.h"
#include "lib/proc.h"
#include "lib/scope.h"

#define DEFAULT_FILE "/var/swap.img"
#define TOOL_MS	     60000

/* The directory of a path. */
static void dir_of(const char *path, char *ret, size_t size)
{
	const char *slash = strrchr(path, '/');

	(void)snprintf(ret, size, "%.*s", slash == path ? 1 : (int)(slash - path), path);
}

static bool is_in_memory(const char *dir)
{
	struct statfs fs;

	return statfs(dir, &fs) == 0 && (fs.f_type == TMPFS_MAGIC || fs.f_type == RAMFS_MAGIC);
}

static uint64_t memory_of(const struct module_ctx *c)
{
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(64u << 10);
	unsigned long long kib = 0;
	const char *at;

	if (file_read(c->root, "/proc/meminfo", &text, NULL) < 0)
		return 0;
	at = strstr(buf_text(&text), "MemTotal:");
	return at && sscanf(at, "MemTotal: %llu", &kib) == 1 ? kib << 10 : 0;
}

static bool is_on(const struct module_ctx *c, const char *path)
{
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(64u << 10);
	size_t len = strlen(path);

	if (file_read(c->root, "/proc/swaps", &text, NULL) < 0)
		return false;
	for (const char *line = buf_text(&text); *line; line += *line == '\n') {
		if (!strncmp(line, path, len) && (line[len] == ' ' || line[len] == '\t'))
			return true;
		line += strcspn(line, "\n");
	}
	return false;
}

static int run(const char *tool, const char *path, struct error *err)
{
	const char *const argv[] = { tool, path, NULL };
	AUTO_BUF struct buf out = BUF_WITH_LIMIT(16u << 10);

	return proc_run(argv, NULL, TOOL_MS, &out, err);
}

/* A file that is there with the right size is a swap file already. */
static int make_file(const char *path, uint64_t size, bool *made, struct error *err)
{
	AUTO_CLOSE int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	struct stat st;
	int r;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return error_sys(err, errno ? errno : EINVAL, "%s", path);
	if (st.st_size > 0)
		return 0;
	r = posix_fallocate(fd, 0, (off_t)size);
	if (r || fchmod(fd, 0600) < 0) {
		(void)unlink(path);
		return error_sys(err, r ? r : errno, "%s", path);
	}
	*made = true;
	r = run("mkswap", path, err);
	if (r < 0)
		(void)unlink(path);
	return r;
}

static enum module_result turn_on(const struct module_ctx *c, const struct doc_node *map,
				  const char *path, uint64_t size)
{
	struct error err = { 0 };
	bool made = false;

	if (is_on(c, path))
		return MODULE_UNCHANGED;
	if (make_file(path, size, &made, &err) < 0 || run("swapon", path, &err) < 0)
		return module_fail(c, map->origin, "swap: %s", err.msg);
	return MODULE_CHANGED;
}

/* Where the file goes: the root directory is memory here. */
static const char *place_of(const struct module_ctx *c, const struct doc_node *map, char *moved,
			    size_t size)
{
	const char *path = doc_str(map, "filename", DEFAULT_FILE);
	char dir[512];

	dir_of(path, dir, sizeof(dir));
	if (!is_in_memory(dir))
		return path;
	(void)snprintf(moved, size, "/var%.400s", path);
	dir_of(moved, dir, sizeof(dir));
	if (!strncmp(path, "/var/", 5) || is_in_memory(dir) || access(dir, W_OK) < 0)
		return NULL;
	doc_say(c->pool, false, map->origin,
		"swap.filename lies in memory here: %s is used instead", moved);
	return moved;
}

static enum module_result apply(const struct module_ctx *c, struct buf *message)
{
	const struct doc_node *map = doc_key(c->config, "swap");
	const char *path = doc_str(map, "filename", DEFAULT_FILE);
	char moved[512], dir[512];
	struct statvfs fs = { 0 };
	struct swapsize s = { .memory = memory_of(c), .free = UINT64_MAX };

	if (!map || map->kind != DOC_MAP || !doc_key(map, "size"))
		return MODULE_SKIPPED;
	if (*path != '/' || strstr(path, "..") || !module_is_line(path) || strlen(path) > 400)
		return module_fail(c, map->origin, "swap.filename must be an absolute path");
	if (!swapsize_parse(doc_str(map, "size", ""), &s.size) ||
	    !swapsize_parse(doc_str(map, "maxsize", "0"), &s.max))
		return module_fail(c, map->origin,
				   "swap.size is auto or a size (\"512M\", \"2G\")");
	if (!c->live) {
		buf_str(message, "needs a running system");
		return MODULE_SKIPPED;
	}
	path = place_of(c, map, moved, sizeof(moved));
	if (!path) {
		buf_str(message, "there is no disk for it");
		return MODULE_SKIPPED;
	}
	dir_of(path, dir, sizeof(dir));
	if (statvfs(dir, &fs) == 0)
		s.free = (uint64_t)fs.f_bavail * fs.f_frsize;
	s.size = swapsize_choose(&s);
	buf_fmt(message, "%s", path);
	return s.size ? turn_on(c, map, path, s.size) : MODULE_SKIPPED;
}

const struct module module_swap = {
	.name = "swap",
	.apply = apply,
	.keys = { "swap" },
};
