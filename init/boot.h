/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs the boot plan: starts units whose needs are met, ends steps that pass their deadline,
 * journals every change. One per machine; allocates nothing.
 */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "init/plan.h"
#include "lib/supervise.h"

struct boot_run {
	pid_t pid;          /* of a running step, else 0 */
	int64_t started_ms; /* clock_ms() */
	long log_from;      /* where its part of the log begins */
	bool expired;       /* killed for passing its deadline */
	bool again;         /* to be run again when the present run ended */
};

struct boot_ops {
	/* The unit is done. A failure makes it a failed unit. */
	int (*then)(void *arg, enum plan_then then, struct error *err);
	/* A fatal unit failed. */
	void (*fatal)(void *arg, const char *unit, const char *why);
	void *arg;
};

struct boot {
	const struct plan_unit *units;
	size_t n;
	enum plan_state states[PLAN_MAX];
	struct boot_run runs[PLAN_MAX];
	struct supervise *sup;
	struct boot_ops ops;
	bool halted; /* nothing more is started: recovery or shutdown */
};

void boot_init(struct boot *b, const struct plan_unit *units, size_t n, struct supervise *sup,
	       const struct boot_ops *ops);
/* Start whatever can be started now. */
void boot_advance(struct boot *b);
/* A child ended; false when it is no step of the plan. */
bool boot_reaped(struct boot *b, pid_t pid, int status);
/* A daemon changed its state (the journal is told here). */
void boot_daemon_changed(struct boot *b, const struct supervise_child *c,
			 enum supervise_state from);
/* The next deadline in clock_ms(), 0 for none; and what to do about those that passed. */
int64_t boot_due_ms(const struct boot *b);
void boot_expire(struct boot *b);
/* Failed units wait again and the plan goes on. */
void boot_resume(struct boot *b);
/* Nothing more is started, and running steps are asked to end. */
void boot_stop(struct boot *b);
/* Every unit is done or failed. */
bool boot_is_complete(const struct boot *b);
