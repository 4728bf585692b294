/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One piece of the network service's work (netd.h says when), and what stays in memory between two
 * of them. For netd.c alone.
 */
#pragma once

#include "agent/network/commands.h"
#include "agent/network/dhcp_run.h"
#include "agent/network/state.h"

struct netd {
	int root;
	int64_t id;
	int64_t refresh_ms, check_ms, confirm_ms; /* when they are due; 0 never */
	bool waits;                               /* for what DHCP will say */
	uint64_t links;                           /* netd_work_sum() at the last look */
	struct dhcp_run dhcp;
	struct commands commands;
};

/* A number that is another one when links have come, gone, or changed what they are. */
uint64_t netd_work_sum(const struct state *s);
/* As netd_refresh(). */
bool netd_work(struct netd *d, bool whole, const char *conf);
/* Run the commands whose address has come, or whose time is over. */
void netd_work_commands(struct netd *d);
