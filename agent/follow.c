/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Following the journal for one line, by inotify.
 */
#include "agent/follow.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/file.h"
#include "lib/scope.h"

/* A line more, or another journal in its place (lib/journal_trim.c). */
static int watch(int fd)
{
	return inotify_add_watch(fd, JOURNAL_PATH, IN_MODIFY | IN_ATTRIB);
}

int follow_open(int *ret_fd, struct error *err)
{
	AUTO_CLOSE int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

	if (fd < 0 || watch(fd) < 0)
		return error_sys(err, errno, "watch %s", JOURNAL_PATH);
	*ret_fd = TAKE_FD(fd);
	return 0;
}

/* Unit and kind in one line, in whichever order; a line without the unit is passed over. */
bool follow_in_text(const char *text, const char *unit, enum journal_kind kind)
{
	char want_unit[96], want_kind[64];

	snprintf(want_unit, sizeof(want_unit), "\"unit\":\"%s\"", unit);
	snprintf(want_kind, sizeof(want_kind), "\"kind\":\"%s\"", journal_kind_name(kind));
	while (*text) {
		size_t n = strcspn(text, "\n");

		if (memmem(text, n, want_unit, strlen(want_unit)) &&
		    memmem(text, n, want_kind, strlen(want_kind)))
			return true;
		text += n + (text[n] == '\n');
	}
	return false;
}

bool follow_seen(int fd, const char *unit, enum journal_kind kind)
{
	char events[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(JOURNAL_MAX);

	while (read(fd, events, sizeof(events)) > 0)
		;
	/* The one that is there now; nothing new when it is watched already. */
	return watch(fd) < 0 || file_read(FILE_ROOT, JOURNAL_PATH, &text, NULL) < 0 ||
	       follow_in_text(buf_text(&text), unit, kind);
}
