/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The console's log-in prompts.
 */
#pragma once

#include "agent/console/console_state.h"

/* Supervise one on each terminal that has one (agent/console/getty.h), and tell init, which then
 * writes only failures there. A prompt that cannot be had is a message. */
void console_gettys_start(struct console *c);
