/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether the step that loads the drivers of what was there at power-on has ended: before that, a
 * disk that is not there may still come. The journal tells.
 */
#pragma once

#include <stdbool.h>

#include "lib/attr.h"
#include "lib/error.h"

/* *ret_fd becomes readable when something is added to the journal. */
int coldplug_open(int *ret_fd, struct error *err) MUST_CHECK;
/* Empties the descriptor and looks. */
bool coldplug_ended(int fd);
/* Whether the text of a journal says so. Pure. */
bool coldplug_in_journal(const char *text);
