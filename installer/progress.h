/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How far a long step is: rate and time left on a terminal, one plain line at its end otherwise.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct progress {
	FILE *out; /* NULL: silent */
	bool tty;
	const char *what;
	uint64_t done, total; /* bytes */
	int64_t begun, shown; /* monotonic milliseconds */
};

void progress_begin(struct progress *p, const char *what, uint64_t total);
void progress_add(struct progress *p, uint64_t bytes);
void progress_end(struct progress *p);
/* "copy: 34 of 102 MiB, 85 MiB/s, 1 s left": the text after `ms` milliseconds. Pure. */
void progress_text(const struct progress *p, int64_t ms, char *text, size_t size);
