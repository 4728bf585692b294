/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Time as deadlines: milliseconds on CLOCK_MONOTONIC, and microseconds since the kernel started.
 */
#pragma once

#include <stdint.h>

/* CLOCK_MONOTONIC in milliseconds. */
int64_t clock_ms(void);
/* CLOCK_BOOTTIME in microseconds: the journal's time. */
uint64_t clock_boot_usec(void);
/* Milliseconds left until `deadline_ms`, at least 0, at most INT32_MAX: an argument for poll(2). */
int clock_left_ms(int64_t deadline_ms);
