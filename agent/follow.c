/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Following the journal for the end of the cold plug.
 */
#include "agent/coldplug.h"

#include <errno.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/file.h"
#include "lib/journal.h"
#include "lib/scope.h"

#define JOURNAL_LIMIT (1u << 20)

int coldplug_open(int *ret_fd, struct error *err)
{
	AUTO_CLOSE int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

	if (fd < 0 || inotify_add_watch(fd, JOURNAL_PATH, IN_MODIFY) < 0)
		return error_sys(err, errno, "watch %s", JOURNAL_PATH);
	*ret_fd = TAKE_FD(fd);
	return 0;
}

/* Unit and kind in one line, in whichever order; a line without the unit is passed over. */
bool coldplug_in_journal(const char *text)
{
	while (*text) {
		size_t n = strcspn(text, "\n");

		if (memmem(text, n, "\"unit\":\"coldplug\"", 17) &&
		    memmem(text, n, "\"kind\":\"step-end\"", 17))
			return true;
		text += n + (text[n] == '\n');
	}
	return false;
}

bool coldplug_ended(int fd)
{
	char events[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(JOURNAL_LIMIT);

	while (read(fd, events, sizeof(events)) > 0)
		;
	/* A journal that cannot be read tells nothing more: do not wait for it. */
	return file_read(FILE_ROOT, JOURNAL_PATH, &text, NULL) < 0 ||
	       coldplug_in_journal(buf_text(&text));
}
