/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns the descriptors of the consoles. They are opened without blocking: a serial line whose
 * other end has stopped it must not stop PID 1.
 */
#include "init/console.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/file.h"

#define LINE_MAX_LEN 512
/* Facility daemon, level debug: in the kernel's log, and not a second time on the console. */
#define KMSG_PREFIX "<31>"

/* The one place of the process that knows them; init has one thread. */
static struct {
	struct console_names names;
	int fd[CONSOLE_MAX]; /* -1: not open */
	int kmsg;
	bool shown, prompts;
} out = { .fd = { -1, -1, -1, -1 }, .kmsg = -1, .shown = true };

void console_parse(struct console_names *names, const char *active)
{
	const char *p = active ? active : "";

	*names = (struct console_names){ 0 };
	while (names->n < CONSOLE_MAX) {
		size_t len;

		p += strspn(p, " \n");
		len = strcspn(p, " \n");
		if (len == 0)
			break;
		if (len < CONSOLE_NAME && !memchr(p, '/', len)) {
			/* /dev/console is the last one: people look there first. */
			memmove(names->name[1], names->name[0], sizeof(names->name[0]) * names->n);
			memcpy(names->name[0], p, len);
			names->name[0][len] = '\0';
			names->n++;
		}
		p += len;
	}
}

void console_names(struct console_names *names)
{
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(512);

	if (file_read(FILE_ROOT, "/sys/class/tty/console/active", &b, NULL) < 0)
		buf_reset(&b);
	console_parse(names, buf_text(&b));
	if (names->n == 0)
		console_parse(names, "console");
}

static void reopen(size_t i)
{
	char path[CONSOLE_NAME + 8];

	if (out.fd[i] >= 0)
		(void)close(out.fd[i]);
	(void)snprintf(path, sizeof(path), "/dev/%s", out.names.name[i]);
	out.fd[i] = open(path, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
}

void console_open(void)
{
	console_names(&out.names);
	for (size_t i = 0; i < out.names.n; i++)
		reopen(i);
	if (out.kmsg < 0)
		out.kmsg = open("/dev/kmsg", O_WRONLY | O_NOCTTY | O_CLOEXEC);
}

static void write_to(size_t i, const char *text, size_t len)
{
	if (out.fd[i] >= 0 && (write(out.fd[i], text, len) >= 0 || errno == EAGAIN))
		return;
	/* A getty took the terminal for itself (vhangup): what was open before is dead. */
	reopen(i);
	if (out.fd[i] >= 0)
		(void)!write(out.fd[i], text, len);
}

static void write_all(const char *text, size_t len)
{
	for (size_t i = 0; i < out.names.n; i++)
		write_to(i, text, len);
}

void console_show(bool on)
{
	out.shown = on;
	if (!on)
		return;
	if (out.prompts)
		write_all("\n", 1);
	out.prompts = false;
}

void console_prompts(void)
{
	out.prompts = true;
}

PRINTF_LIKE(2, 0)
static void say(bool progress, const char *fmt, va_list ap)
{
	char text[LINE_MAX_LEN] = KMSG_PREFIX "ocicat: ";
	size_t start = strlen(text), len;

	(void)vsnprintf(text + start, sizeof(text) - start - 1, fmt, ap);
	len = strlen(text);
	text[len++] = '\n';
	/* Nobody is left to be told when a console cannot be written to. */
	if (out.kmsg >= 0)
		(void)!write(out.kmsg, text, len);
	if (!out.shown || (out.prompts && progress))
		return;
	if (out.prompts)
		write_all("\n", 1);
	write_all(text + strlen(KMSG_PREFIX), len - strlen(KMSG_PREFIX));
}

void console_say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(false, fmt, ap);
	va_end(ap);
}

void console_progress(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(true, fmt, ap);
	va_end(ap);
}
