/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the owner of the machine must see: one line each in /run/ros/messages (the banner and
 * `ros status` show them), in the journal and on standard error.
 */
#pragma once

#include "lib/attr.h"
#include "lib/doc/doc.h"
#include "lib/journal.h"

#define MESSAGE_PATH "/run/ros/messages"

/* Write below this root (lib/file.h) from now on; FILE_ROOT at first. */
void message_root(int root);
/* Never fails: a message that cannot be kept is printed all the same. A line that is already there
 * is not added again. `kind` is JOURNAL_WARNING or JOURNAL_FAIL. */
void message_say(enum journal_kind kind, const char *unit, const char *fmt, ...)
	PRINTF_LIKE(3, 4);
/* All messages of a pool. */
void message_keep(const char *unit, const struct doc_pool *p);
