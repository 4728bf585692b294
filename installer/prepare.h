/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything that comes before the first write: look, decide, check.
 */
#pragma once

#include "installer/install.h"
#include "installer/refuse.h"
#include "lib/attr.h"
#include "lib/error.h"

/* Look at the disk, and find what is to be installed on it (in `folder`, or where it is usually).
 * Whatever the result, prepare_close() releases both. */
int prepare_look(int root, const struct install_request *q, const char *folder,
		 struct install_disk *d, struct install_payload *p, struct error *err) MUST_CHECK;
void prepare_close(struct install_disk *d, struct install_payload *p);
/* Refuse, or plan; also whether all that the plan needs is there. The payload is sealed where the
 * plan depends on its slot: on partitions that stay. */
int prepare_plan(const struct install_request *q, const struct install_disk *d,
		 struct install_payload *p, struct install_plan *ret, struct error *err) MUST_CHECK;
