/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long a disk that is not there may still come. Its driver may not be loaded yet: the wait
 * that is asked for begins when the cold plug has ended. A USB device is given a second by the
 * kernel before it is asked what is on it (usb-storage's delay_use): one that has not been asked
 * is waited for, too.
 */
#pragma once

#include <stdbool.h>

#include "lib/attr.h"
#include "lib/error.h"
#include "lib/scope.h"

/* The cold plug has a deadline of its own; who waits for its end does not wait longer. */
#define STATE_WAIT_DRIVERS_MS 15000

struct state_wait;

/* Wait for `wait_ms` from when all drivers are loaded. */
int state_wait_begin(int wait_ms, struct state_wait **ret, struct error *err) MUST_CHECK;
void state_wait_end(struct state_wait *w);
DEFINE_AUTO(struct state_wait, state_wait_end);
/* Until something may have changed; `uevents` is of uevent_open(). Returns false when nothing more
 * is to come. */
bool state_wait_more(struct state_wait *w, int uevents);
/* Whether a USB storage device is there that has not been asked yet; `sys` is where sysfs is. */
bool state_wait_usb(const char *sys);
