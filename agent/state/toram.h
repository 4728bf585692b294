/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A live medium that may be taken out: once the boot is done, the system image moves to memory, if
 * there is enough of it, and the medium is let go.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/error.h"

/* Bytes that must be left to containers after the move; less than that stays on its medium. */
#define TORAM_LEFT (384ull << 20)

/* Whether `need` bytes can be taken out of what /proc/meminfo (its text) calls available. Pure. */
bool toram_fits(const char *meminfo, uint64_t need);

/* Move. 0 also when there is nothing to do or no room: `why` (of 200 bytes at least) says what was
 * done, or why not. After an error the system runs from its medium as before. */
int toram_run(char *why, size_t size, struct error *err) MUST_CHECK;
