/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns /run/ros/log. Its files are in memory, so they are cut when they grow: writers append, and
 * go on at the new end.
 */
#include "init/log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/journal.h"
#include "lib/scope.h"

/* A log is cut when it is longer than this, and then keeps half of it. */
#define LOG_LIMIT (1l << 20)

static void path_of(const char *name, char *path, size_t size)
{
	(void)snprintf(path, size, LOG_DIR "/%s.log", name);
}

int log_open(const char *name)
{
	char path[128];
	int fd;

	path_of(name, path, sizeof(path));
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0644);
	if (fd < 0)
		journal_say(JOURNAL_WARNING, name, "no log: %s: %s", path, strerror(errno));
	return fd;
}

long log_size(const char *name)
{
	struct stat st;
	char path[128];

	path_of(name, path, sizeof(path));
	return stat(path, &st) == 0 ? (long)st.st_size : 0;
}

/* Read up to max bytes of the file's end, from byte `from` on at the earliest. */
static void read_end(const char *path, long from, size_t max, struct buf *b)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	char chunk[1024];
	struct stat st;
	off_t at;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) < 0)
		return;
	at = st.st_size > (off_t)max ? st.st_size - (off_t)max : 0;
	if (at < from)
		at = from;
	while (at < st.st_size && (n = pread(fd, chunk, sizeof(chunk), at)) > 0) {
		buf_add(b, chunk, (size_t)n);
		at += n;
	}
}

void log_last_line(const char *name, long from, char *line, size_t size)
{
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(4096);
	char path[128];
	const char *text;
	size_t len, start;

	path_of(name, path, sizeof(path));
	read_end(path, from, 2048, &b);
	text = buf_text(&b);
	len = strlen(text);
	while (len > 0 && strchr("\r\n \t", text[len - 1]))
		len--;
	for (start = len; start > 0 && text[start - 1] != '\n';)
		start--;
	(void)snprintf(line, size, "%.*s", (int)(len - start), text + start);
}

void log_tail(const char *path, size_t max, struct buf *b)
{
	AUTO_BUF struct buf end = BUF_WITH_LIMIT(max + 1024);
	const char *text, *first;

	read_end(path, 0, max, &end);
	text = buf_text(&end);
	first = end.len >= max ? strchr(text, '\n') : NULL;
	buf_str(b, first ? first + 1 : text);
}

static void trim_one(const char *path)
{
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(LOG_LIMIT);
	AUTO_CLOSE int fd = -1;
	struct stat st;

	if (stat(path, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size <= LOG_LIMIT)
		return;
	log_tail(path, LOG_LIMIT / 2, &b);
	fd = open(path, O_WRONLY | O_APPEND | O_TRUNC | O_CLOEXEC);
	if (fd >= 0)
		(void)!write(fd, buf_text(&b), b.len);
}

void log_trim(void)
{
	AUTO_CLOSEDIR DIR *dir = opendir(LOG_DIR);
	const struct dirent *e;
	char path[512];

	while (dir && (e = readdir(dir))) {
		(void)snprintf(path, sizeof(path), LOG_DIR "/%s", e->d_name);
		if (e->d_name[0] != '.')
			trim_one(path);
	}
}
