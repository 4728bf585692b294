/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The partitions that an installation without formatting goes to. Pure.
 */
#pragma once

#include "installer/install.h"
#include "lib/attr.h"
#include "lib/error.h"

/* The boot partition; NULL when there is none. */
const struct probe_part *existing_boot(const struct install_disk *d);
/* Put both into the plan, with how the state is found at boot and whether its journal is to be
 * replayed first. -ECANCELED when one is missing or cannot be used. */
int existing_find(const struct install_request *q, const struct install_disk *d,
		  struct install_plan *plan, struct error *err) MUST_CHECK;
