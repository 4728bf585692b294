/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an earlier `docker` container leaves behind: dockerd and containerd, and the supervisor
 * itself where its container went away without it (a damaged System Docker that was replaced). They
 * are ended before new ones start; the shims, and with them the user's containers, live on.
 */
#pragma once

#include <stdbool.h>

#include "lib/attr.h"
#include "lib/error.h"

#define USERDOCKER_CGROUP "/sys/fs/cgroup/user-docker"

enum userdocker_left { USERDOCKER_LEFT_NONE, USERDOCKER_LEFT_SUPERVISOR, USERDOCKER_LEFT_DAEMON };

/* What the program at `exe` (the target of /proc/PID/exe) is, if it is to go. Pure. */
enum userdocker_left userdocker_left_kind(const char *exe);
/* End those in the cgroup: the supervisors, which would start daemons again, and then the daemons;
 * SIGTERM, SIGKILL after timeout_ms. *ret_n is how many there were. */
int userdocker_left_stop(int timeout_ms, unsigned *ret_n, struct error *err) MUST_CHECK;
