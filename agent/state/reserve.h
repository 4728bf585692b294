/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A reserve of space on the state disk, set free when the disk is full, so that the machine always
 * boots as far as SSH and can be cleaned up.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/error.h"

#define RESERVE_FILE "var/lib/rancher/reserve"
#define RESERVE_SIZE (64ull << 20)

enum reserve_act { RESERVE_LEAVE, RESERVE_MAKE, RESERVE_RELEASE };

/* What is to be done with so many free bytes. Pure. */
enum reserve_act reserve_decide(uint64_t free_bytes, bool is_there);
/* Look at the mounted state at `root` (lib/file.h), and do it. *ret_released: it was full. */
int reserve_check(int root, bool *ret_released, struct error *err) MUST_CHECK;
