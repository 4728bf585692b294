/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules of sudo, a line each. Pure but for the checker.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/doc/doc.h"
#include "lib/error.h"

struct sudorule {
	const char *user, *text;
	struct doc_origin at;
	bool bad;	 /* it is left out; why: */
	struct error why;
};

struct sudorules_checker {
	/* Whether sudo can read such a file: 0, or -EIO and what it says. Anything else: nobody
	 * knows. */
	int (*check)(void *arg, const struct buf *text, struct error *err);
	void *arg;
};

/* Add the lines of n rules, without the bad ones. */
void sudorules_put(const struct sudorule *rules, size_t n, struct buf *out);
/* Mark those as bad that the checker refuses. It is asked for all at once, and for parts of them
 * only when it refuses that. Fails when the checker does not know. */
int sudorules_sift(struct sudorule *rules, size_t n, const struct sudorules_checker *checker,
		   struct error *err) MUST_CHECK;
