/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs that run once.
 */
#include "agent/job.h"

#include <errno.h>
#include <signal.h>

#include "lib/clock.h"

int job_start(struct job_set *set, const struct proc_spec *spec,
	      void (*done)(void *arg, const struct job *job, int status), void *arg,
	      struct error *err)
{
	struct proc_spec own = *spec;
	struct job *job = NULL;
	int r;

	for (size_t i = 0; i < JOB_MAX && !job; i++)
		if (!set->jobs[i].pid)
			job = &set->jobs[i];
	if (!job)
		return error_set(err, E2BIG, "more than %d jobs", JOB_MAX);
	own.new_session = true;
	*job = (struct job){ .started_ms = clock_ms(), .done = done, .arg = arg };
	r = proc_spawn(&own, &job->pid, NULL, err);
	if (r < 0)
		job->pid = 0;
	return r;
}

bool job_reaped(struct job_set *set, pid_t pid, int status)
{
	for (size_t i = 0; i < JOB_MAX; i++) {
		struct job ended = set->jobs[i];

		if (ended.pid != pid)
			continue;
		set->jobs[i].pid = 0;
		if (ended.done)
			ended.done(ended.arg, &ended, status);
		return true;
	}
	return false;
}

void job_kill(struct job_set *set, int signo)
{
	for (size_t i = 0; i < JOB_MAX; i++)
		if (set->jobs[i].pid)
			(void)kill(-set->jobs[i].pid, signo);
}
