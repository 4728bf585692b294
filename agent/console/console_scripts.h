/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The user's scripts, one after the other, beside the console's loop.
 */
#pragma once

#include "agent/console/console_state.h"

/* How long all scripts before user Docker may keep it waiting. */
#define CONSOLE_SCRIPTS_MS (10 * 60 * 1000)

/* Start the first; the others follow as each ends. */
void console_scripts_start(struct console *c);
