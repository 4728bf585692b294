/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What init shows to people: short lines on every console the kernel was given (console=), and in
 * the kernel's log.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "lib/attr.h"

#define CONSOLE_MAX 4
#define CONSOLE_NAME 32

struct console_names {
	char name[CONSOLE_MAX][CONSOLE_NAME]; /* "ttyS0", the last one given first */
	size_t n;
};

/* Split the text of /sys/class/tty/console/active, which may be NULL. Pure. */
void console_parse(struct console_names *names, const char *active);
/* The machine's consoles; at least "console". */
void console_names(struct console_names *names);
/* Open them for console_say(); may be called again. */
void console_open(void);
/* "ocicat: " and the text, as a line of its own, behind a prompt too. Never blocks, never fails. */
void console_say(const char *fmt, ...) PRINTF_LIKE(1, 2);
/* The same, for what went as it should: a console where somebody may be typing is spared. */
void console_progress(const char *fmt, ...) PRINTF_LIKE(1, 2);
/* Whether lines still go to the consoles (they always go to the kernel's log): off once people are
 * logged in there. On makes them init's own again, without prompts. */
void console_show(bool on);
/* The consoles have prompts now. */
void console_prompts(void);
