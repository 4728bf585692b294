/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether an installation may begin. Pure: facts in, one sentence out.
 */
#pragma once

#include "installer/install.h"
#include "lib/attr.h"
#include "lib/error.h"

/* What is wrong with what was asked for, whatever the disk is. -EINVAL. */
int refuse_request(const struct install_request *q, struct error *err) MUST_CHECK;
/* What is wrong with the disk: in use, read-only, too small, holding data, … -ECANCELED. `slot`
 * is how many bytes a slot takes. */
int refuse_disk(const struct install_request *q, const struct install_disk *d, uint64_t slot,
		struct error *err) MUST_CHECK;
/* What does not fit into the partitions of a plan. -ECANCELED. */
int refuse_plan(const struct install_request *q, const struct install_plan *plan,
		struct error *err) MUST_CHECK;
