/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keeping system services running: containers with their label, and nobody else's. A restart policy
 * does not hold after `docker kill` (the daemon takes that for a wish); for a part of the system it
 * must. So the daemon's events are followed: one that was killed is started again, one that was
 * stopped in an orderly way stays down. The daemon carries out a policy once: when that start
 * fails, nobody hears of it, so whoever died and has not started again after a while is looked at.
 * Deaths, new starts and removals go to the journal. Pure; agent/cmd/cmd_boot_watch.c acts.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/doc/doc.h"

#define WATCH_MAX 64
/* How long a policy has to start a container again. */
#define WATCH_POLICY_MS 10000

struct watch_container {
	char name[64]; /* "" marks a free place */
	bool killed;   /* since it started, the daemon was told to kill it … */
	bool asked;    /* … or to send it another signal */
	bool died;     /* it ended since we look */
	int64_t due_ms; /* it ended and has not started: when to look at it, or 0 */
};

struct watch {
	struct watch_container all[WATCH_MAX];
};

enum watch_verb {
	WATCH_NOTHING,
	WATCH_DIED,    /* journal: it ended */
	WATCH_STARTED, /* journal: it runs again */
	WATCH_STOPPED, /* journal: somebody stopped it */
	WATCH_GONE,    /* journal: it had ended, and is not there any more */
};

struct watch_result {
	enum watch_verb verb;
	char name[64];
	int code;       /* WATCH_DIED: its exit code */
	bool start_it;  /* WATCH_DIED: killed through the daemon, so that no policy starts it */
};

/* Take one event of the Engine API (a JSON object of type "container"); one of a container that is
 * no service's means nothing. Times are clock_ms()'s. */
void watch_event(struct watch *w, const struct doc_node *event, int64_t now_ms,
		 struct watch_result *ret);
/* When the next container has to be looked at; -1: none has. */
int64_t watch_due(const struct watch *w);
/* One that is due, which is so no more; "" when there is none. The name is the watch's. */
const char *watch_overdue(struct watch *w, int64_t now_ms);
/* It could not be started: it is due once more, unless it started meanwhile. */
void watch_again(struct watch *w, const char *name, int64_t now_ms);
