/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses by DHCP for the time of the agent's work, before the service `network` runs: a
 * datasource may have to be asked first for what that service is to do. Nothing is started unless
 * somebody needs the network, and all of it is gone at the end.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "lib/attr.h"
#include "lib/error.h"

struct earlynet {
	bool is_allowed; /* on the machine itself, while it boots */
	bool link_local; /* also an address of 169.254/16, for clouds that answer no others */
	int wait_ms;	 /* at most so long for a way out */
	bool was_tried, has_no_cable;
	pid_t pid;
	int pidfd;
};

#define EARLYNET(allowed)                                                                        \
	((struct earlynet){ .is_allowed = (allowed), .wait_ms = 10000, .pidfd = -1 })

/* Start it, and wait for a default route. Failing to get one is no failure: a metadata service may
 * be on the link. A machine without a card (-ENODEV) or without a cable (-ENETDOWN) is not waited
 * for, and there is nobody to ask. Does nothing the second time. */
int earlynet_up(struct earlynet *n, struct error *err) MUST_CHECK;
void earlynet_down(struct earlynet *n);
#define AUTO_EARLYNET CLEANUP(earlynet_down)
