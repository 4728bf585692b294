/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ends every process but PID 1, one named child and the kernel's own.
 */
#pragma once

#include <sys/types.h>

/* SIGTERM, up to term_ms for them to end, then SIGKILL and up to kill_ms. Reaps children. */
void killall_run(pid_t spare, int term_ms, int kill_ms);
