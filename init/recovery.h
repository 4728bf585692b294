/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The recovery console, PID 1's side: one rescue program (init/rescue.h) on every console, and the
 * network with sshd where it can be had.
 */
#pragma once

#include <stdbool.h>

#include "lib/cmdline.h"
#include "lib/supervise.h"

#define RECOVERY_DIR "/run/ros/recovery"
#define RECOVERY_REASON RECOVERY_DIR "/reason"

/* Start it, or, when it is on already, only tell the reason. `unit` is what failed. */
void recovery_enter(struct supervise *sup, const struct cmdline *line, const char *unit,
		    const char *why);
/* End its consoles. Its network stays. */
void recovery_leave(struct supervise *sup);
bool recovery_is_on(void);
