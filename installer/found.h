/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a boot partition that stays holds: the kernel line, the entries, the slots and the room.
 * Nothing is written.
 */
#pragma once

#include "installer/install.h"
#include "lib/attr.h"
#include "lib/error.h"

/* Read it all; what is not there is empty. A disk without a boot partition has nothing. */
int found_read(const struct install_disk *d, struct install_found *ret,
	       struct error *err) MUST_CHECK;
