/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The static part of the network, before the agent knows what a datasource says (earlynet.h).
 */
#pragma once

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/error.h"

/* Apply the static interfaces that others than a datasource have configured, with their name
 * servers; " NAME" of each is added to `names`. 1 when nothing is left for DHCP, 0 when it is its
 * turn, also without any of them. What a datasource gave the last time is left alone: it may be
 * what is to be replaced. */
int earlynet_static(struct buf *names, struct error *err) MUST_CHECK;
