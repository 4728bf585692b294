/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Waiting for block devices: the kernel's own messages about devices (netlink), so that nothing
 * polls.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/error.h"

/* Open before looking at the devices: what comes between looking and waiting is then not missed. */
int uevent_open(int *ret_fd, struct error *err) MUST_CHECK;
/* Wait until a block device appeared or changed, or `also` (-1: none) is readable; -ETIMEDOUT at
 * deadline_ms (clock_ms). With `load` the driver of each device that appears is loaded, which
 * nobody else does between the cold plug and udev. */
int uevent_wait_block(int fd, int also, bool load, int64_t deadline_ms, struct error *err)
	MUST_CHECK;
/* Have the kernel tell once more of the devices that disks may hang on. */
int uevent_tell_again(struct error *err) MUST_CHECK;
/* Whether a message (its NUL-separated words) says that a block device appeared or
 * changed. Pure. */
bool uevent_is_block(const char *msg, size_t len);
/* The MODALIAS of a device that appeared, NULL when there is none; a NUL follows the message.
 * Pure. */
const char *uevent_modalias(const char *msg, size_t len);
