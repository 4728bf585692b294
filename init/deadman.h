/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The last resort of a shutdown: a process of its own that ends the machine when the orderly way
 * takes too long, whatever PID 1 is stuck in.
 */
#pragma once

#include <sys/types.h>

/* Start it: after timeout_ms it syncs (for at most a few seconds) and calls reboot(2) with `how`.
 * Returns its pid, which the shutdown must spare; -1 when it could not be made. */
pid_t deadman_start(int timeout_ms, int how);
