/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Running other programs: explicit argv, environment and descriptors; waiting with a deadline by
 * pidfd; bounded capture of what they print.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/error.h"

struct proc_spec {
	const char *const *argv; /* argv[0] is an absolute path, or looked up in PROC_PATH */
	const char *const *env;  /* NULL: PATH=PROC_PATH and HOME=/root only */
	const char *dir;         /* working directory, NULL: / */
	int in, out, err;        /* descriptors for 0, 1, 2; -1 gives /dev/null */
	const char *cgroup;      /* directory whose cgroup.procs the child joins, or NULL */
	bool new_session;        /* setsid(2) in the child */
	const char *tty;         /* with new_session: is 0, 1, 2 and controls it; or NULL */
};

#define PROC_PATH "/usr/bin:/usr/sbin:/bin:/sbin"
/* While this is in the environment, each program that is started is a line on standard error. */
#define PROC_TRACE "ROS_TRACE"

/* Start it. All signals are unblocked and at their defaults in the child, which keeps no descriptor
 * but 0, 1 and 2; a failing exec is reported here, not by a dead child. A `cgroup` is joined before
 * the exec. *ret_pidfd (may be NULL) is the caller's to close. */
int proc_spawn(const struct proc_spec *spec, pid_t *ret_pid, int *ret_pidfd, struct error *err)
	MUST_CHECK;
/* Wait for the end of a child and reap it; -ETIMEDOUT after timeout_ms (the child goes on).
 * *ret_status is as from waitpid(2). timeout_ms < 0 waits for ever. A pidfd < 0 is opened here. */
int proc_wait(pid_t pid, int pidfd, int timeout_ms, int *ret_status, struct error *err) MUST_CHECK;
/* Whether the process of pidfd, which need not be our child, has ended within timeout_ms. */
bool proc_gone(int pidfd, int timeout_ms);
/* Run to its end within timeout_ms (then killed with all it started: -ETIMEDOUT), in a session of
 * its own; output and errors of at most out's limit into `out` (may be NULL: dropped), input from
 * `in_data` (may be NULL). Returns 0 only when the program exited with 0; else -EIO, and the
 * message holds the last line it printed. -E2BIG when it exited with 0 but `out` was too small. */
int proc_run(const char *const *argv, const char *in_data, int timeout_ms, struct buf *out,
	     struct error *err) MUST_CHECK;
/* "exited with 3", "killed by signal 9 (Killed)": text of a waitpid(2) status; `text` of at least
 * 64 bytes. */
const char *proc_status_text(int status, char *text, size_t size);
