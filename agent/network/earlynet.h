/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The network for the time of the agent's work, before the service `network` runs: a datasource may
 * have to be asked first for what that service is to do. Static addresses that others than a
 * datasource have configured (the kernel line), else DHCP. Nothing is started unless somebody needs
 * the network; the service takes away what it does not want.
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
	bool was_tried;
	struct error failed; /* how the try ended */
	char card[16], address[24]; /* that address, while it is there */
	pid_t pid;
	int pidfd;
};

#define EARLYNET(allowed)                                                                        \
	((struct earlynet){ .is_allowed = (allowed), .wait_ms = 10000, .pidfd = -1 })

/* Start it, and wait for a default route. An address alone will do: a metadata service may be on
 * the link. Without one (-ENETUNREACH) there is nobody to ask, nor on a machine without a card
 * (-ENODEV) or without a cable (-ENETDOWN), which are not waited for. Does nothing the second time.
 */
int earlynet_up(struct earlynet *n, struct error *err) MUST_CHECK;
void earlynet_down(struct earlynet *n);
#define AUTO_EARLYNET CLEANUP(earlynet_down)
