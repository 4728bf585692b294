/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stays of an earlier installation when its partitions do: words of the kernel line, the
 * state's directory, and the version to go back to. Pure.
 */
#pragma once

#include "installer/install.h"
#include "lib/attr.h"
#include "lib/error.h"

/* The words of the line that was there that were somebody's own: not the system's, which come anew,
 * not those of an --append that another one takes the place of, and not the state's directory,
 * which is put into *statedir unless the request names one. plan->kept tells it to people. */
struct keep_line {
	char words[INSTALL_LINE_MAX + 1];
	bool serial; /* the console is the serial line */
};
int keep_line(const struct install_request *q, const struct install_found *f,
	      struct install_plan *plan, struct keep_line *ret, struct error *err) MUST_CHECK;

/* The version to go back to, and the slots that may go: all that no entry names, but that one and
 * `slot`, the one to be installed. -ECANCELED: `need` bytes have no room even so. */
int keep_slots(const struct install_found *f, const char *slot, uint64_t need,
	       struct install_plan *plan, struct error *err) MUST_CHECK;
