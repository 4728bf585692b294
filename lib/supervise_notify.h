/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sd_notify(3): who says READY=1 (a part of lib/supervise.c), and saying it.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "lib/attr.h"
#include "lib/error.h"

/* Bind the datagram socket at path; the caller closes it. */
int supervise_notify_open(const char *path, int *ret_fd, struct error *err) MUST_CHECK;
/* Take the next message; false when there is none. *pid is who said READY=1, as the kernel tells
 * it, or 0 for a message that says something else. */
bool supervise_notify_read(int fd, pid_t *pid);
/* Say it to whoever started us, if he asked for it. */
void supervise_notify_ready(void);
