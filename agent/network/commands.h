/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The owner's commands around interfaces while the network service works: which ran, and which
 * still wait for an address. Each specification runs each of them once.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "agent/network/dhcp_run.h"
#include "agent/network/state.h"
#include "agent/network/want.h"

/* An interface whose commands wait for its address. */
struct commands_pending {
	char name[NETWORK_NAME];
	int64_t deadline_ms;
};

struct commands {
	bool post_cmds;        /* they are still to run */
	struct dhcp_names ran; /* whose commands ran, or wait */
	struct commands_pending pending[DHCP_RUN_MAX];
	size_t n;
};

/* A new specification: pre_cmds run now. */
void commands_begin(struct commands *c, const struct network *net);
/* Around the steps of an interface: its pre_up, and its post_up or the wait for its address. */
void commands_before(struct commands *c, const struct network *net, const struct want *w);
void commands_after(struct commands *c, const struct network *net, const struct want *w);
/* post_up of interfaces that have their address by now, or had their time; post_cmds after the last
 * of them. `scratch` is room for the model on this machine. */
void commands_run_ready(struct commands *c, struct network *net, const struct state *s,
			struct want_list *scratch);
/* Whether somebody waits, and when the first one's time is over (clock_ms); 0 for never. */
bool commands_wait(const struct commands *c);
int64_t commands_next_ms(const struct commands *c);
