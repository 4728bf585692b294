/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The power button: every input device that has a power key, also those that appear later.
 */
#pragma once

#include "lib/attr.h"
#include "lib/error.h"
#include "lib/supervise.h"

/* Watch from the loop; `pressed` is called for each press. One per process. */
int button_open(struct supervise *sup, void (*pressed)(void *arg), void *arg, struct error *err)
	MUST_CHECK;
