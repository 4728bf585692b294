/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an earlier `docker` container leaves behind: dockerd and containerd, which are in a cgroup
 * of their own. They are ended before new ones start; the shims, and with them the user's
 * containers, live on.
 */
#pragma once

#include <stdbool.h>

#include "lib/attr.h"
#include "lib/error.h"

#define USERDOCKER_CGROUP "/sys/fs/cgroup/user-docker"

/* Whether the program at `exe` (the target of /proc/PID/exe) is one of the two. Pure. */
bool userdocker_left_is_daemon(const char *exe);
/* End those in the cgroup: SIGTERM, SIGKILL after timeout_ms. *ret_n is how many there were. */
int userdocker_left_stop(int timeout_ms, unsigned *ret_n, struct error *err) MUST_CHECK;
