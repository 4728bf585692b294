/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The boot plan: which steps and daemons there are, and what each needs. Pure.
 *
 * A step runs once to its end; a daemon is kept running (lib/supervise.h) and counts as done when
 * it is ready. A unit starts as soon as all that it needs is done. A step that failed counts as
 * done too, unless it is fatal: then the boot goes to the recovery console.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "lib/attr.h"
#include "lib/error.h"

#define PLAN_MAX 16
#define PLAN_NEEDS 3

enum plan_kind {
	PLAN_STEP,
	PLAN_DAEMON,
	PLAN_POINT, /* runs nothing: a point in time, when all that it needs is done */
};

/* What init itself does once the unit is done. */
enum plan_then {
	PLAN_GO_ON,
	PLAN_SWITCH_ROOT, /* /newroot is complete: make it the root */
	PLAN_FREE_INITRD, /* its files are needed no more */
	PLAN_STATE_THERE, /* the state disk is mounted: rancher.recovery stops here */
};

enum plan_state {
	PLAN_WAITING,
	PLAN_RUNNING,
	PLAN_DONE,
	PLAN_FAILED,
	PLAN_N_STATES
};

struct plan_unit {
	const char *name;
	enum plan_kind kind;
	const char *const *argv;
	const char *const *env; /* or NULL: the default one (lib/proc.h) */
	const char *needs[PLAN_NEEDS];
	int deadline_ms; /* a step is killed, a daemon that is not ready is started again */
	bool fatal;
	enum plan_then then;
	const char *only_if; /* file without which it counts as done and is not started, or NULL */
	const char *says; /* file whose first line describes its success, or NULL: its last line */
	const char *again;  /* run again whenever this daemon is ready again, or NULL */
	const char *cgroup; /* directory of the cgroup that it joins, or NULL */
};

extern const struct plan_unit plan_all[];
extern const size_t plan_n;

/* Index of the unit of that name; n when there is none. */
size_t plan_find(const struct plan_unit *units, size_t n, const char *name);
/* Whether unit i is waiting and all that it needs is done. */
bool plan_may_start(const struct plan_unit *units, size_t n, const enum plan_state *states,
		    size_t i);
/* Names are unique and needs are known, come first and have deadlines. */
int plan_check(const struct plan_unit *units, size_t n, struct error *err) MUST_CHECK;
const char *plan_state_name(enum plan_state state);
