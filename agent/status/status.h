/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the machine is: what is up, what failed and why, why it last stopped. Pure: from what was
 * read (any part may be missing) to a verdict.
 */
#pragma once

#include <stdbool.h>

#include "agent/status/events.h"
#include "agent/status/history.h"
#include "lib/attr.h"
#include "lib/error.h"

/* A warning of this unit in the journal: the boot before this one ended in a panic, for that
 * reason. */
#define STATUS_PANIC_UNIT "last-panic"

struct status_input {
	struct event_list events;   /* this boot's */
	struct event_list previous; /* of the boot before, none when nothing was kept */
	const char *panic;          /* what the kernel said at that boot's end, or "" */
	const char *last_shutdown;  /* "reboot by …" that this boot found, or "" */
	const char *control;        /* init's answer to "status", or NULL */
	const char *containers;     /* "NAME STATE TEXT" lines of System Docker, or NULL */
	const char *messages, *version, *hostname, *state, *image; /* or "" */
	const char *datasource, *instance; /* NULL, "" */
	unsigned long uptime_s;
};

enum status_health { STATUS_HEALTHY, STATUS_STARTING, STATUS_DEGRADED };

enum status_state { STATUS_UP, STATUS_DONE, STATUS_BEGUN, STATUS_DOWN, STATUS_FAILED };

enum status_stop { STATUS_STOP_UNKNOWN, STATUS_STOP_COMMAND, STATUS_STOP_PANIC, STATUS_STOP_POWER };

struct status_unit {
	const char *name;
	enum status_state state;
	const char *why; /* of what is down or failed, or "" */
};

struct status {
	const struct status_input *in;
	enum status_health health;
	struct status_unit *units; /* in order of their first event */
	size_t n_units;
	uint64_t docker_usec; /* when user Docker was ready first, 0: never */
	char source[128];     /* where the configuration came from, or "" */
	enum status_stop stop;
	char stop_text[HISTORY_REASON];
};

int status_make(struct doc_pool *p, const struct status_input *in, struct status *ret,
		struct error *err) MUST_CHECK;
