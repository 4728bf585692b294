/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Journal lines for supervised children.
 */
#include "agent/daemonlog.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/file.h"
#include "lib/journal.h"
#include "lib/scope.h"

#define TAIL 4096

static void say(enum journal_kind kind, const struct supervise_child *c, const char *text,
		int64_t ms)
{
	struct journal_event ev = { .kind = kind, .unit = c->spec.name, .text = text, .ms = ms };

	(void)journal_append(&ev, NULL);
}

void daemonlog_changed(const struct supervise_child *c, enum supervise_state from)
{
	char text[64];

	if (c->state == SUPERVISE_STARTING)
		say(JOURNAL_DAEMON_START, c, NULL, -1);
	else if (c->state == SUPERVISE_UP && c->spec.notify)
		say(JOURNAL_DAEMON_READY, c, NULL, clock_ms() - c->started_ms);
	else if ((c->state == SUPERVISE_BACKOFF || c->state == SUPERVISE_DOWN) &&
		 (from == SUPERVISE_UP || from == SUPERVISE_STARTING || from == SUPERVISE_STOPPING))
		say(JOURNAL_DAEMON_EXIT, c, proc_status_text(c->last_status, text, sizeof(text)),
		    clock_ms() - c->started_ms);
}

int daemonlog_open(const char *path, int *ret_fd, struct error *err)
{
	const char *slash = strrchr(path, '/');
	char dir[256];
	int r;

	snprintf(dir, sizeof(dir), "%.*s", (int)(slash - path), path);
	r = file_mkdir(FILE_ROOT, dir, 0755, err);
	if (r < 0)
		return r;
	return file_open(FILE_ROOT, path, O_WRONLY | O_CREAT | O_APPEND, 0640, ret_fd, err);
}

void daemonlog_last_line(const char *path, char *ret, size_t size)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	char tail[TAIL + 1];
	off_t len = fd >= 0 ? lseek(fd, 0, SEEK_END) : 0;
	ssize_t n;
	char *line;

	*ret = '\0';
	n = len > 0 ? pread(fd, tail, TAIL, len > TAIL ? len - TAIL : 0) : 0;
	while (n > 0 && (tail[n - 1] == '\n' || tail[n - 1] == '\r'))
		n--;
	if (n <= 0)
		return;
	tail[n] = '\0';
	line = strrchr(tail, '\n');
	snprintf(ret, size, "%s", line ? line + 1 : tail);
}
