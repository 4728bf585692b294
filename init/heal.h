/* SPDX-License-Identifier: Apache-2.0 */
/*
 * System Docker's data are a cache: images of the system, containers that are made anew. When its
 * daemons keep failing before they are ready, the data root is moved aside, once a boot, and they
 * start with an empty one. User Docker's data are never touched.
 */
#pragma once

#include <stdbool.h>

#include "lib/supervise.h"

enum heal_verdict {
	HEAL_NOTHING, /* go on */
	HEAL_BEGUN,   /* stopping the daemons to move the data root aside */
	HEAL_GIVE_UP, /* they fail with an empty data root, too, or cannot be started at all */
};

#define HEAL_DAEMONS 2

struct heal {
	/* Of each, since its last readiness: ends before it, and starts that made no process. */
	unsigned failures[HEAL_DAEMONS], not_made[HEAL_DAEMONS];
	bool stopping; /* both daemons are being stopped */
	bool done;     /* the data root was moved in this boot */
};

/* Told about every change of a daemon's state. Pure but for `h`. */
enum heal_verdict heal_judge(struct heal *h, const struct supervise_child *c,
			     enum supervise_state from);
/* Stop the daemons, kill what is left of the system's containers. */
void heal_begin(struct heal *h, struct supervise *sup);
/* Call from the loop: once both daemons are down, move the data root aside and start them again. */
void heal_turn(struct heal *h, struct supervise *sup);
