/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Laying out `/` from lib/layout.h's table once the state is mounted on /state.
 */
#pragma once

#include "lib/attr.h"
#include "lib/error.h"

/* Every row in its order. Stops at the first that fails. */
int state_layout_apply(struct error *err) MUST_CHECK;
/* The home directories of the two users. */
int state_layout_homes(struct error *err) MUST_CHECK;
