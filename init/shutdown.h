/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ordered stop of the machine.
 */
#pragma once

#include <stdbool.h>

#include "lib/attr.h"
#include "lib/error.h"
#include "lib/supervise.h"

enum shutdown_kind {
	SHUTDOWN_POWEROFF,
	SHUTDOWN_REBOOT,
	SHUTDOWN_HALT,
	SHUTDOWN_KEXEC,
	SHUTDOWN_N_KINDS
};

#define SHUTDOWN_TIMEOUT_S 60
#define SHUTDOWN_TIMEOUT_MIN_S 5
#define SHUTDOWN_TIMEOUT_MAX_S 3600

struct shutdown_request {
	enum shutdown_kind kind;
	bool force;      /* do not ask the Dockers to stop */
	int timeout_s;   /* then the dead-man ends the machine */
	char who[128];
};

/* "poweroff|reboot|halt|kexec[ force][ timeout=SECONDS][ by WHO]". Pure. -EINVAL for anything else.
 */
int shutdown_parse(struct shutdown_request *req, const char *text, struct error *err) MUST_CHECK;
const char *shutdown_kind_name(enum shutdown_kind kind);
/* Stop everything and end the machine. `sup` goes on running System Docker until its turn. */
void shutdown_run(struct supervise *sup, const struct shutdown_request *req) NORETURN;
