/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes to the terminal at most five times a second.
 */
#include "installer/progress.h"

#include "installer/install.h"
#include "lib/clock.h"

#define SHOW_MS 200

void progress_text(const struct progress *p, int64_t ms, char *text, size_t size)
{
	double rate = ms > 0 ? (double)p->done / (double)ms * 1000 : 0;
	double left = rate > 0 && p->total > p->done ? (double)(p->total - p->done) / rate : 0;

	(void)snprintf(text, size, "%s: %llu of %llu MiB, %.0f MiB/s, %.0f s left", p->what,
		       (unsigned long long)(p->done / INSTALL_MIB),
		       (unsigned long long)(p->total / INSTALL_MIB), rate / (double)INSTALL_MIB,
		       left);
}

void progress_begin(struct progress *p, const char *what, uint64_t total)
{
	p->what = what;
	p->done = 0;
	p->total = total;
	p->begun = p->shown = clock_ms();
}

void progress_add(struct progress *p, uint64_t bytes)
{
	int64_t now = clock_ms();
	char text[160];

	p->done += bytes;
	if (!p->out || !p->tty || now - p->shown < SHOW_MS)
		return;
	p->shown = now;
	progress_text(p, now - p->begun, text, sizeof(text));
	(void)fprintf(p->out, "\r\033[K%s", text);
	(void)fflush(p->out);
}

void progress_end(struct progress *p)
{
	int64_t ms = clock_ms() - p->begun;
	double rate = ms > 0 ? (double)p->done / (double)ms * 1000 / (double)INSTALL_MIB : 0;

	if (!p->out)
		return;
	if (p->total)
		(void)fprintf(p->out, "%s%s: %llu MiB in %.1f s, %.0f MiB/s\n",
			      p->tty ? "\r\033[K" : "", p->what,
			      (unsigned long long)(p->done / INSTALL_MIB), (double)ms / 1000, rate);
	else
		(void)fprintf(p->out, "%s: done in %.1f s\n", p->what, (double)ms / 1000);
	(void)fflush(p->out);
}
