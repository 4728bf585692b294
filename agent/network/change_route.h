/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The part of change.h that is about addresses, routes and rules. Pure.
 */
#pragma once

#include "agent/network/change_list.h"

void change_route_plan(const struct want_list *want, const struct state *s, struct change_list *l);
