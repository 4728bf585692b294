/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Installing on two disks, each of which starts the machine alone: a boot partition on both, and
 * one state on an array of both.
 */
#pragma once

#include <stdbool.h>

#include "installer/perform.h"
#include "lib/attr.h"
#include "lib/error.h"

/* The second disk, if one is asked for. */
struct mirror {
	bool wanted;
	struct install_request request;
	struct install_disk disk;
	struct install_plan plan;
	struct perform perform;
};

/* Look at the second disk of a request, refuse it, or plan for it. Whatever is returned, the caller
 * calls mirror_done(). */
int mirror_prepare(int root, const struct install_request *q, struct install_payload *p,
		   struct mirror *ret, struct error *err) MUST_CHECK;
void mirror_done(struct mirror *m);
/* Act on the first disk's plan, and on the second one's if there is one, whose table is the last
 * thing that is written. */
int mirror_run(struct perform *first, struct mirror *m, struct error *err) MUST_CHECK;
