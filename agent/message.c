/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages to the owner of the machine.
 */
#include "agent/message.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "lib/buf.h"
#include "lib/file.h"

/* Nobody reads more than this; a loop that fails for ever must not fill /run. */
#define MESSAGE_LIMIT (64u << 10)

/* The one setting of the writer; see message_root(). */
static int message_dir = FILE_ROOT;

void message_root(int root)
{
	message_dir = root;
}

/* Whether `text` holds `line` (which ends in a newline) as a whole line. */
static bool has_line(const char *text, const char *line)
{
	for (const char *at = text; (at = strstr(at, line)); at++)
		if (at == text || at[-1] == '\n')
			return true;
	return false;
}

void message_say(enum journal_kind kind, const char *unit, const char *fmt, ...)
{
	AUTO_BUF struct buf old = BUF_WITH_LIMIT(MESSAGE_LIMIT);
	char line[JOURNAL_LINE];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof(line) - 1, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	journal_say(kind, unit, "%s", line);
	fprintf(stderr, "ros: %s: %s\n", unit, line);
	for (char *c = line; *c; c++)
		if (*c == '\n')
			*c = ' ';
	line[strlen(line) + 1] = '\0';
	line[strlen(line)] = '\n';
	/* A file that is too long or not there yet is no reason to stop. */
	if (file_read(message_dir, MESSAGE_PATH, &old, NULL) == -E2BIG ||
	    has_line(buf_text(&old), line))
		return;
	(void)!file_append(message_dir, MESSAGE_PATH, line, strlen(line), 0644, NULL);
}

void message_keep(const char *unit, const struct doc_pool *p)
{
	size_t n;
	const struct doc_message *m = doc_messages(p, &n);

	for (size_t i = 0; i < n; i++) {
		AUTO_BUF struct buf line = { 0 };

		doc_message_text(&m[i], &line);
		message_say(m[i].is_error ? JOURNAL_FAIL : JOURNAL_WARNING, unit, "%s",
			    buf_text(&line));
	}
}
