/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Works from /proc/self/mountinfo, which lists mounts in the order they were made.
 */
#include "init/unmount.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "init/console.h"
#include "lib/buf.h"
#include "lib/file.h"
#include "lib/journal.h"

#define MOUNTINFO_LIMIT (4u << 20)
/* A mount may hide or hold another one: several rounds, until nothing moves. */
#define ROUNDS_MAX 8

static size_t unescape(const char *from, size_t len, char *to, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < len && n + 1 < size; i++) {
		if (from[i] == '\\' && i + 3 < len) {
			to[n++] = (char)((from[i + 1] - '0') * 64 + (from[i + 2] - '0') * 8 +
					 from[i + 3] - '0');
			i += 3;
		} else {
			to[n++] = from[i];
		}
	}
	to[n] = '\0';
	return n;
}

bool unmount_parse(const char *line, char *path, size_t path_size, char *type, size_t type_size)
{
	const char *p = line, *dash;

	/* id, parent, major:minor, root, mount point */
	for (int i = 0; i < 4; i++) {
		p += strcspn(p, " ");
		if (!*p)
			return false;
		p++;
	}
	dash = strstr(p, " - ");
	if (!dash)
		return false;
	(void)unescape(p, strcspn(p, " "), path, path_size);
	(void)unescape(dash + 3, strcspn(dash + 3, " "), type, type_size);
	return true;
}

static bool stays(const char *path)
{
	static const char *const kept[] = { "/proc", "/sys", "/dev", "/run" };

	if (!strcmp(path, "/"))
		return true;
	for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
		size_t len = strlen(kept[i]);

		if (!strcmp(path, kept[i]))
			return true;
		if ((i == 1 || i == 2) && !strncmp(path, kept[i], len) && path[len] == '/')
			return true;
	}
	return false;
}

/* The line before `end` in text, or NULL: lines are taken from the last to the first. */
static char *line_before(char *text, char *end)
{
	char *p = end;

	if (p == text)
		return NULL;
	*--p = '\0'; /* its newline */
	while (p > text && p[-1] != '\n')
		p--;
	return p;
}

/* Read the table of mounts; false when that fails. */
static bool read_mounts(struct buf *b)
{
	return file_read(FILE_ROOT, "/proc/self/mountinfo", b, NULL) == 0 && b->len > 0;
}

void unmount_below(const char *dir)
{
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(MOUNTINFO_LIMIT);
	char path[4096], type[64];
	size_t len = strlen(dir);

	if (!read_mounts(&b))
		return;
	for (char *line = b.data + b.len; (line = line_before(b.data, line));) {
		if (!unmount_parse(line, path, sizeof(path), type, sizeof(type)))
			continue;
		if (!strncmp(path, dir, len) && (path[len] == '\0' || path[len] == '/'))
			(void)umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW);
	}
}

/* One round; returns how many were unmounted. With `report`, what stays is made read-only. */
static size_t unmount_round(bool report)
{
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(MOUNTINFO_LIMIT);
	char path[4096], type[64];
	size_t n = 0;

	if (!read_mounts(&b))
		return 0;
	for (char *line = b.data + b.len; (line = line_before(b.data, line));) {
		if (!unmount_parse(line, path, sizeof(path), type, sizeof(type)) || stays(path))
			continue;
		if (umount2(path, UMOUNT_NOFOLLOW) == 0) {
			n++;
			continue;
		}
		if (!report || !strcmp(type, "tmpfs"))
			continue;
		if (mount(NULL, path, NULL, MS_REMOUNT | MS_RDONLY, NULL) < 0) {
			console_say("%s stays mounted: %s", path, strerror(errno));
			journal_say(JOURNAL_FAIL, "shutdown", "%s stays mounted: %s", path,
				    strerror(errno));
		}
	}
	return n;
}

void unmount_all(void)
{
	/* Ours, not anyone's copy in another namespace: those ended with their processes. */
	(void)mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
	for (int i = 0; i < ROUNDS_MAX; i++) {
		if (unmount_round(false) == 0)
			break;
	}
	sync();
	(void)unmount_round(true);
}
