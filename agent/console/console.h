/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the container `console` runs, in PID 1's mount namespace: the user's scripts in their order,
 * then /run/console-done; sshd and the log-in prompts; the banner, kept current.
 *
 * Scripts, host keys and prompts do not wait for one another: somebody may log in and look while
 * runcmd is still at work. Scripts run once a boot, also when the console is started again.
 */
#pragma once

#include "lib/attr.h"
#include "lib/error.h"

/* Runs until SIGTERM. */
int console_run(struct error *err) MUST_CHECK;
