/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Partitions by the kernel's view.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/modules/growth.h"
#include "agent/state/autoformat.h"
#include "lib/file.h"
#include "lib/scope.h"

#define BLOCKS	  "/sys/class/block"
#define SECTOR	  512
#define EXT_MAGIC 0xef53
#define EXT_64BIT 0x80

static bool read_number(int root, const char *dir, const char *name, const char *file,
			uint64_t *ret)
{
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(64);
	char path[256];

	(void)snprintf(path, sizeof(path), BLOCKS "/%s%s%s/%s", dir, *name ? "/" : "", name, file);
	if (file_read(root, path, &text, NULL) < 0 || !isdigit((unsigned char)*buf_text(&text)))
		return false;
	*ret = strtoull(buf_text(&text), NULL, 10);
	return true;
}

/* The partition of a disk that lies last. */
static void last_part(int root, const char *disk, char last[64])
{
	AUTO_CLOSEDIR DIR *dir = NULL;
	const struct dirent *e;
	uint64_t end = 0;
	char path[128];
	int fd;

	*last = '\0';
	(void)snprintf(path, sizeof(path), BLOCKS "/%s", disk);
	if (file_open(root, path, O_RDONLY | O_DIRECTORY, 0, &fd, NULL) < 0)
		return;
	dir = fdopendir(fd);
	if (!dir) {
		(void)close(fd);
		return;
	}
	while ((e = readdir(dir))) {
		uint64_t start, size;

		if (strlen(e->d_name) >= 58 ||
		    !read_number(root, disk, e->d_name, "start", &start) ||
		    !read_number(root, disk, e->d_name, "size", &size) || start + size <= end)
			continue;
		end = start + size;
		(void)snprintf(last, 64, "%.58s", e->d_name);
	}
}

/* vda2 → vda, nvme0n1p2 → nvme0n1: the longest name before it that the kernel has as a disk. */
static bool find_disk(int root, const char *part, char disk[64])
{
	uint64_t number;
	size_t len = strlen(part);

	if (!read_number(root, part, "", "partition", &number))
		return false;
	while (len && isdigit((unsigned char)part[len - 1]))
		len--;
	(void)snprintf(disk, 64, "%.*s", (int)len, part);
	if (read_number(root, disk, "", "size", &number))
		return true;
	if (len && part[len - 1] == 'p')
		disk[len - 1] = '\0';
	return read_number(root, disk, "", "size", &number);
}

int growth_look(int root, const char *name, struct growth *ret, struct error *err)
{
	char part[64], disk[64];
	uint64_t size, number;

	*ret = (struct growth){ 0 };
	if (!strncmp(name, "/dev/", 5))
		name += 5;
	if (!*name || strlen(name) >= 58 || strchr(name, '/') || *name == '.')
		return error_set(err, EINVAL, "%.64s is no disk or partition", name);
	if (!read_number(root, name, "", "size", &size))
		return error_set(err, ENOENT, "there is no /dev/%.58s", name);
	(void)snprintf(part, sizeof(part), "%.58s", name);
	if (!find_disk(root, name, disk)) {
		(void)snprintf(disk, sizeof(disk), "%.58s", name);
		last_part(root, disk, part);
		if (!*part) {
			(void)snprintf(ret->part, sizeof(ret->part), "/dev/%.58s", name);
			return 0;
		}
	}
	if (!read_number(root, part, "", "partition", &number) ||
	    !read_number(root, disk, "", "size", &size))
		return error_set(err, ENOENT, "/dev/%s is no partition", part);
	(void)snprintf(ret->part, sizeof(ret->part), "/dev/%.58s", part);
	(void)snprintf(ret->disk, sizeof(ret->disk), "/dev/%.58s", disk);
	return 0;
}

bool growth_mounted(const char *mountinfo, const char *dir, char ret[64])
{
	size_t len = strlen(dir);
	bool found = false;

	for (const char *line = mountinfo; *line;
	     line += strcspn(line, "\n"), line += *line == '\n') {
		const char *field = line, *source;

		for (int i = 0; i < 4; i++) {
			field += strcspn(field, " \n");
			field += *field == ' ';
		}
		source = strstr(line, " - ");
		if (strncmp(field, dir, len) || field[len] != ' ' || !source ||
		    source > line + strcspn(line, "\n"))
			continue;
		/* " - TYPE SOURCE OPTIONS"; what was mounted last lies on top. */
		source += 3;
		source += strcspn(source, " \n");
		source += *source == ' ';
		found = !strncmp(source, "/dev/", 5) && strcspn(source, " \n") < 63;
		if (found)
			(void)snprintf(ret, 64, "%.*s", (int)strcspn(source, " \n"), source);
	}
	return found;
}

bool growth_is_mounted(const char *mountinfo, const char *device)
{
	size_t len = strlen(device);

	for (const char *s = mountinfo; (s = strstr(s, device)); s++)
		if (s > mountinfo && s[-1] == ' ' && (s[len] == ' ' || s[len] == '\n' || !s[len]))
			return true;
	return false;
}

bool growth_is_blank(int root, const char *path)
{
	AUTO_FREE char *head = calloc(1, AUTOFORMAT_HEAD);
	AUTO_CLOSE int fd = -1;
	ssize_t n;

	if (!head || file_open(root, path, O_RDONLY, 0, &fd, NULL) < 0)
		return false;
	n = pread(fd, head, AUTOFORMAT_HEAD, 0);
	return n > 0 && autoformat_look(head, (size_t)n) == AUTOFORMAT_BLANK;
}

bool growth_is_used(int root, const char *path)
{
	struct growth g;

	/* A link to a device (/dev/disk/by-id) is none of the kernel's names. */
	if (growth_look(root, path, &g, NULL) < 0 || !*g.disk)
		return !growth_is_blank(root, path);
	return strcmp(g.part, path) != 0;
}
