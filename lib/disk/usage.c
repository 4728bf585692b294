/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the kernel's own lists.
 */
#include "lib/disk/usage.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "lib/file.h"
#include "lib/scope.h"

#define USAGE_LIST_MAX (1u << 20)

bool usage_is_part(const char *disk, const char *name)
{
	size_t len = strlen(disk);

	if (strncmp(disk, name, len) != 0)
		return false;
	name += len;
	/* A name that ends in a digit has a p before its partitions' numbers. */
	if (*name == 'p' && len && isdigit((unsigned char)disk[len - 1]))
		name++;
	else if (*name && len && isdigit((unsigned char)disk[len - 1]))
		return false;
	if (!*name)
		return true;
	return strspn(name, "0123456789") == strlen(name);
}

static void add(struct buf *who, const char *how, const char *what)
{
	char text[300];

	(void)snprintf(text, sizeof(text), "%s %s", how, what);
	if (strstr(buf_text(who), text))
		return;
	buf_fmt(who, "%s%s", who->len ? ", " : "", text);
}

/* "36 25 254:1 / /boot rw,… shared:1 - vfat /dev/vda1 ro" */
static void look_mounts(int root, const char *path, struct buf *who)
{
	AUTO_BUF struct buf list = BUF_WITH_LIMIT(USAGE_LIST_MAX);
	char *line, *rest;

	if (file_read(root, "/proc/self/mountinfo", &list, NULL) < 0)
		return;
	for (line = strtok_r(list.data, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		char where[256] = "", source[256] = "";
		const char *tail = strstr(line, " - ");

		if (!tail || sscanf(line, "%*s %*s %*s %*s %255s", where) != 1 ||
		    sscanf(tail, " - %*s %255s", source) != 1)
			continue;
		if (usage_is_part(path, source))
			add(who, "mounted on", where);
	}
}

static void look_swaps(int root, const char *path, struct buf *who)
{
	AUTO_BUF struct buf list = BUF_WITH_LIMIT(USAGE_LIST_MAX);
	char *line, *rest;

	if (file_read(root, "/proc/swaps", &list, NULL) < 0)
		return;
	for (line = strtok_r(list.data, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		line[strcspn(line, " \t")] = '\0';
		if (usage_is_part(path, line))
			add(who, "swap on", line);
	}
}

/* Calls fn for each name in a directory. */
static void each_name(int root, const char *dir,
		      void (*fn)(int root, const char *dir, const char *name, void *arg), void *arg)
{
	AUTO_CLOSEDIR DIR *d = NULL;
	const struct dirent *e;
	int fd;

	if (file_open(root, dir, O_RDONLY | O_DIRECTORY, 0, &fd, NULL) < 0)
		return;
	d = fdopendir(fd);
	if (!d) {
		(void)close(fd);
		return;
	}
	while ((e = readdir(d)))
		if (e->d_name[0] != '.')
			fn(root, dir, e->d_name, arg);
}

struct look {
	const char *path; /* "/dev/vda" */
	struct buf *who;
};

static void take_holder(int root, const char *dir, const char *name, void *arg)
{
	struct look *l = arg;

	(void)root, (void)dir;
	add(l->who, "part of", name);
}

static void look_holders(int root, const char *dir, const char *name, void *arg)
{
	struct look *l = arg;
	char holders[600], device[300];

	(void)snprintf(device, sizeof(device), "/dev/%s", name);
	if (!usage_is_part(l->path, device))
		return;
	(void)snprintf(holders, sizeof(holders), "%s/%s/holders", dir, name);
	each_name(root, holders, take_holder, l);
}

static void look_loops(int root, const char *dir, const char *name, void *arg)
{
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(4096);
	struct look *l = arg;
	char file[600];

	if (strncmp(name, "loop", 4) != 0)
		return;
	(void)snprintf(file, sizeof(file), "%s/%s/loop/backing_file", dir, name);
	if (file_read(root, file, &text, NULL) < 0)
		return;
	text.data[strcspn(text.data, "\n")] = '\0';
	if (!strcmp(text.data, l->path))
		add(l->who, "attached to", name);
}

void usage_find(int root, const char *path, struct buf *who)
{
	struct look l = { .path = path, .who = who };

	look_mounts(root, path, who);
	look_swaps(root, path, who);
	each_name(root, "/sys/class/block", look_holders, &l);
	each_name(root, "/sys/class/block", look_loops, &l);
}
