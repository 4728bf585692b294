/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The difference between what is and what should be, as steps in an order in which nothing that
 * works is cut before its replacement stands: links, their names and masters, then addresses,
 * routes and rules are added; then what is gone is removed. Pure; exec.c carries steps out.
 *
 * Taken away is only what is ours (state.h), and on links of the model also permanent addresses
 * that it does not name; what dhcpcd and Docker made stays.
 */
#pragma once

#include "agent/network/change_list.h"

/* Work out the steps. -ENOMEM or -E2BIG; the caller calls change_list_done() in any case. */
int change_plan(struct network *net, const struct want_list *want, const struct state *s,
		struct change_list *ret, struct error *err) MUST_CHECK;
