/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's own events about devices (netlink, before any udev).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/error.h"

struct hotplug_event {
	char action[16];
	char subsystem[32];
	char devname[64];   /* "vda1" below /dev, or "" */
	char modalias[512]; /* or "" */
};

/* The socket to listen on; the caller closes it. */
int hotplug_open(int *ret_fd, struct error *err) MUST_CHECK;
/* The next event, at most until deadline_ms (clock_ms()); -ETIMEDOUT then. -EAGAIN when events were
 * lost: look at all devices again. */
int hotplug_next(int fd, int64_t deadline_ms, struct hotplug_event *ev, struct error *err)
	MUST_CHECK;
/* Pure: the message's strings, each ended by NUL. */
void hotplug_parse(struct hotplug_event *ev, const char *text, size_t len);
