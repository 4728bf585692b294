/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Waiting for something that the journal tells, as a descriptor for an event loop: the end of the
 * cold plug (before it, a disk that is not there may still come), or that user Docker is ready.
 */
#pragma once

#include <stdbool.h>

#include "lib/attr.h"
#include "lib/error.h"
#include "lib/journal.h"

/* *ret_fd becomes readable when something is added to the journal. */
int follow_open(int *ret_fd, struct error *err) MUST_CHECK;
/* Empties the descriptor and looks whether the journal has a line of this unit and kind. A journal
 * that cannot be read has nothing more to wait for: true. */
bool follow_seen(int fd, const char *unit, enum journal_kind kind);
/* Whether the text of a journal has such a line. Pure. */
bool follow_in_text(const char *text, const char *unit, enum journal_kind kind);
