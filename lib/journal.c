/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The boot journal's writer. PID 1 uses it, so a line is built in fixed memory.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/buf.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "lib/journal.h"

/* A unit's name takes at most this much of a line, so that there is always room for the rest. */
#define UNIT_MAX 256

static const char *const kind_names[JOURNAL_N_KINDS] = {
#define X(name, text) [JOURNAL_##name] = text,
	JOURNAL_KINDS(X)
#undef X
};

/* The one setting of the writer; see journal_root(). */
static int journal_dir = FILE_ROOT;

void journal_root(int root)
{
	journal_dir = root;
}

const char *journal_kind_name(enum journal_kind kind)
{
	if ((unsigned)kind >= JOURNAL_N_KINDS)
		return "unknown";
	return kind_names[kind];
}

/* The inside of a JSON string in at most `room` bytes, without a NUL; cut between characters. */
static size_t put_text(char *to, size_t room, const char *s)
{
	static const char more[] = "…";
	const size_t more_len = sizeof(more) - 1;
	char unit[BUF_JSON_UNIT];
	size_t len = 0, cut = 0, n;

	while ((n = buf_json_unit(&s, unit)) > 0) {
		if (len + n > room) {
			memcpy(to + cut, more, more_len);
			return cut + more_len;
		}
		memcpy(to + len, unit, n);
		len += n;
		if (len + more_len <= room)
			cut = len;
	}
	return len;
}

size_t journal_format(char *line, uint64_t at_usec, const struct journal_event *ev)
{
	static const char end[] = "\"}\n";
	size_t len;

	len = (size_t)snprintf(line, JOURNAL_LINE, "{\"t\":%llu,\"kind\":\"%s\"",
			       (unsigned long long)at_usec, journal_kind_name(ev->kind));
	if (ev->unit) {
		len += (size_t)snprintf(line + len, JOURNAL_LINE - len, ",\"unit\":\"");
		len += put_text(line + len, UNIT_MAX, ev->unit);
		line[len++] = '"';
	}
	len += (size_t)snprintf(line + len, JOURNAL_LINE - len, ",\"code\":%d", ev->code);
	if (ev->ms >= 0)
		len += (size_t)snprintf(line + len, JOURNAL_LINE - len, ",\"ms\":%lld",
					(long long)ev->ms);
	if (!ev->text)
		return len + (size_t)snprintf(line + len, JOURNAL_LINE - len, "}\n");
	len += (size_t)snprintf(line + len, JOURNAL_LINE - len, ",\"text\":\"");
	len += put_text(line + len, JOURNAL_LINE - len - sizeof(end), ev->text);
	memcpy(line + len, end, sizeof(end));
	return len + sizeof(end) - 1;
}

int journal_append(const struct journal_event *ev, struct error *err)
{
	char line[JOURNAL_LINE];
	size_t len = journal_format(line, clock_boot_usec(), ev);

	return file_append(journal_dir, JOURNAL_PATH, line, len, 0644, err);
}

void journal_say(enum journal_kind kind, const char *unit, const char *fmt, ...)
{
	char text[JOURNAL_LINE];
	const struct journal_event ev = { .kind = kind, .unit = unit, .text = text, .ms = -1 };
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	/* Nobody is left to tell. */
	(void)journal_append(&ev, NULL);
}
