/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Telling the platform who we are, where it has a place for that: VMware's guestinfo.
 */
#pragma once

#include <stdbool.h>

#include "datasource/vmware_publish.h"
#include "lib/attr.h"
#include "lib/error.h"

/* Does nothing on other machines. Waits a moment for a route, and longer for what the metadata's
 * wait-on-network asks for; what fails is a line in the journal, for nothing of ours depends on it.
 */
void publish_machine(int root);

/* Gather until there is an address of each family that is asked for; -ETIMEDOUT with what there is
 * then. */
int publish_await(bool ipv4, bool ipv6, int timeout_ms, struct vmware_publish *ret,
		  struct error *err) MUST_CHECK;
