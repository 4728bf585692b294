/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the output of steps and daemons goes: /run/ros/log/NAME.log, bounded in size.
 */
#pragma once

#include <stddef.h>

#include "lib/buf.h"

#define LOG_DIR "/run/ros/log"

/* Open for appending; -1 when that fails (the output is lost then, which is journalled). */
int log_open(const char *name);
/* The last line with text in it of the log's part from byte `from` on, cut to fit; "" for none. */
void log_last_line(const char *name, long from, char *line, size_t size);
/* Bytes in the log now. */
long log_size(const char *name);
/* Append the last `max` bytes, from the beginning of a line, to b. */
void log_tail(const char *path, size_t max, struct buf *b);
/* Cut every log that grew too long down to its newer half. */
void log_trim(void);
