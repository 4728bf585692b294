/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The banner of this machine: gathered, written where agetty reads it, and written again when an
 * address, a key or a message comes.
 */
#pragma once

#include "agent/console/console_state.h"

#define CONSOLE_BANNER_KEYS "/run/ros/hostkeys"

/* Write it; when it changed and `reload`, let the prompts that wait show it. */
void console_banner_refresh(struct console *c, bool reload);
/* Tell when the machine has no network card. */
void console_banner_check_cards(void);
/* Follow the addresses from now on. */
int console_banner_follow(struct console *c, struct error *err) MUST_CHECK;
