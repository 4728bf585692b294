/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs that run once, to their end, beside a supervisor's loop, which reaps them.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/attr.h"
#include "lib/error.h"
#include "lib/proc.h"

#define JOB_MAX 8

struct job {
	pid_t pid; /* 0: free */
	int64_t started_ms;
	void (*done)(void *arg, const struct job *job, int status);
	void *arg;
};

struct job_set {
	struct job jobs[JOB_MAX];
};

/* `done` may be NULL. The process gets a session of its own. */
int job_start(struct job_set *set, const struct proc_spec *spec,
	      void (*done)(void *arg, const struct job *job, int status), void *arg,
	      struct error *err) MUST_CHECK;
/* Tell about the end of a process; false when it is none of the set's. */
bool job_reaped(struct job_set *set, pid_t pid, int status);
/* Signal all that still run, and what they started in their sessions. */
void job_kill(struct job_set *set, int signo);
