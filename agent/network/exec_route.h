/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The part of exec.c that addresses, routes and rules are.
 */
#pragma once

#include "agent/network/change_list.h"
#include "agent/network/netlink.h"
#include "lib/attr.h"
#include "lib/error.h"

/* Each carries out one step of its kinds by `fd`; `m` is room for its message. What is there
 * already, or gone already, is no failure. */
int exec_route_address(int fd, const struct change *c, struct netlink_msg *m,
		       struct error *err) MUST_CHECK;
int exec_route(int fd, const struct change *c, struct netlink_msg *m, struct error *err) MUST_CHECK;
int exec_route_rule(int fd, const struct change *c, struct netlink_msg *m,
		    struct error *err) MUST_CHECK;
