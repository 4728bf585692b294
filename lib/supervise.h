/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small supervisor: keeps a fixed set of children running, with back-off, until told to stop.
 * Used by init for System Docker, by the console for sshd and gettys, and by the docker service for
 * user Docker. The caller's thread runs the loop; signals arrive by signalfd, ends of children by
 * SIGCHLD and waitpid(2) (so orphans that were reparented to us are reaped too).
 *
 * A child is DOWN, STARTING (started, readiness not yet said), UP, BACKOFF (waits for its restart)
 * or STOPPING. Back-off: 100 ms doubled to `backoff_max_ms`, back to the start once it ran for 10
 * s.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/attr.h"
#include "lib/error.h"
#include "lib/proc.h"

enum supervise_state {
	SUPERVISE_DOWN,
	SUPERVISE_STARTING,
	SUPERVISE_UP,
	SUPERVISE_BACKOFF,
	SUPERVISE_STOPPING,
	SUPERVISE_N_STATES
};

#define SUPERVISE_MAX 16

struct supervise_spec {
	const char *name;
	struct proc_spec proc;
	bool notify; /* ready when it says READY=1 on NOTIFY_SOCKET; else ready once started */
	int ready_timeout_ms; /* killed and started again when not ready by then; 0: none */
	int backoff_max_ms;
	const char *after;    /* started only once that other child is UP; NULL for none */
};

struct supervise_child {
	struct supervise_spec spec;
	enum supervise_state state;
	pid_t pid;
	int64_t started_ms; /* clock_ms() of the last start */
	int64_t due_ms;     /* deadline of readiness or of the restart; 0 none */
	int backoff_ms;
	unsigned starts;
	int last_status;    /* waitpid status of the last end */
};

struct supervise;
struct supervise_ops {
	/* Told about every change of state, after it happened. */
	void (*changed)(void *arg, const struct supervise_child *c, enum supervise_state from);
	/* A child process that is none of ours ended (an orphan, or a step of the caller's). May be
	 * NULL. */
	void (*reaped)(void *arg, pid_t pid, int status);
	/* A signal of the caller's set arrived (SIGCHLD is handled inside). Return false to leave
	 * the loop. */
	bool (*signalled)(void *arg, int signo);
	void *arg;
};

/* `signals`: those delivered to ops->signalled, blocked by this call together with SIGCHLD.
 * `notify_path`: where the datagram socket for readiness is bound; NULL for none. */
int supervise_new(const struct supervise_ops *ops, const int *signals, size_t n_signals,
		  const char *notify_path, struct supervise **ret, struct error *err) MUST_CHECK;
void supervise_free(struct supervise *s);
/* Add a child and start it as soon as its `after` allows, and one of the same name that is still
 * being stopped has ended. The spec's pointers must stay valid. -EEXIST when such a child is
 * supervised already, -E2BIG for too many of them or too many environment variables. */
int supervise_add(struct supervise *s, const struct supervise_spec *spec, struct error *err)
	MUST_CHECK;
/* Watch another descriptor: fn is called from the loop while it is readable. */
int supervise_watch(struct supervise *s, int fd, void (*fn)(void *arg, int fd), void *arg,
		    struct error *err) MUST_CHECK;
void supervise_unwatch(struct supervise *s, int fd);
/* One timer of the caller's: fn is called at due_ms (clock_ms); 0 clears it. */
void supervise_timer(struct supervise *s, int64_t due_ms, void (*fn)(void *arg), void *arg);
/* No restarts from now on; SIGTERM to child `name` (all with NULL), SIGKILL after timeout_ms.
 * Does not wait: the loop goes on. */
void supervise_stop(struct supervise *s, const char *name, int timeout_ms);
void supervise_restart(struct supervise *s, const char *name);
const struct supervise_child *supervise_find(const struct supervise *s, const char *name);
size_t supervise_list(const struct supervise *s, const struct supervise_child **ret, size_t max);
/* Handle events for at most timeout_ms (-1: until something happened). Returns false once
 * ops->signalled said so. */
bool supervise_turn(struct supervise *s, int timeout_ms);
const char *supervise_state_name(enum supervise_state state);
