/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Carries out the steps of change.h.
 */
#pragma once

#include "agent/network/change_list.h"

/* One step, by `fd` (netlink_open without groups). What is there or gone already is no failure. */
int exec_change(int fd, const struct change *c, struct error *err) MUST_CHECK;
