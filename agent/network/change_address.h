/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of change_route.h that are about addresses and about rules: what is missing, and what
 * is to go. Pure.
 */
#pragma once

#include "agent/network/change_list.h"

void change_address_add(const struct want_list *want, const struct state *s,
			struct change_list *out);
/* Behind change_route.c's part: an address that a route needs which stays (out->waits) stays, too.
 */
void change_address_remove(const struct want_list *want, const struct state *s,
			   struct change_list *out);
void change_rule_plan(const struct want_list *want, const struct state *s, struct change_list *out);
