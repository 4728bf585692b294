/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which link an interface of the model means: a MAC address beats an exact name, which beats a
 * pattern. Pure.
 */
#pragma once

#include "agent/network/model.h"
#include "agent/network/state.h"

/* How well an interface fits a link: 0 not at all. */
int match_rank(const struct network_if *nic, const struct state_link *l);
/* A link that others make (containers, Docker, the owner by hand) and that no pattern means. */
bool match_is_foreign(const struct state_link *l);
