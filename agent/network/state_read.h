/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of state.c: what each of the kernel's messages adds to the state.
 */
#pragma once

#include <stddef.h>

struct nlmsghdr;

/* Room for one more of a list that doubles, behind its `n` of `size` bytes each; NULL when there
 * are `max` already, or no memory. */
void *state_read_grow(void **list, size_t n, size_t size, size_t max);

/* Each takes one message of a dump, as netlink_dump() hands it out; `arg` is the struct state that
 * gets what it describes. A message of another kind, or that is cut, and what is beyond the lists'
 * limits, is left out. -ENOMEM. */
int state_link_add(void *arg, const struct nlmsghdr *h);
int state_route_add_address(void *arg, const struct nlmsghdr *h);
int state_route_add(void *arg, const struct nlmsghdr *h);
int state_route_add_rule(void *arg, const struct nlmsghdr *h);
