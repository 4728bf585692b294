/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Waiting for block devices: the kernel's own messages about devices (netlink), so that nothing
 * polls.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/error.h"

/* Open before looking at the devices: what comes between looking and waiting is then not missed. */
int uevent_open(int *ret_fd, struct error *err) MUST_CHECK;
/* Wait until a block device appeared or changed, or `also` (-1: none) is readable; -ETIMEDOUT at
 * deadline_ms (clock_ms). */
int uevent_wait_block(int fd, int also, int64_t deadline_ms, struct error *err) MUST_CHECK;
/* Whether a message (its NUL-separated words) says that a block device appeared or
 * changed. Pure. */
bool uevent_is_block(const char *msg, size_t len);
