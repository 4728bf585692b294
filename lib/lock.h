/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flock(2) with a deadline.
 */
#pragma once

#include "lib/attr.h"
#include "lib/error.h"

/* Lock an open file, which `name` names in errors, for this process alone, until it is closed.
 * -EBUSY when somebody else has it for more than ten seconds. */
int lock_take(int fd, const char *name, struct error *err) MUST_CHECK;
