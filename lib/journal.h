/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The boot journal: one JSON object a line in /run/ros/journal, appended by whoever has something
 * to say with a single write, so that several processes may append at once. Events are an
 * interface: `ros status`, `ros analyze` and the tests read them.
 *
 * {"t":1453021,"kind":"step-end","unit":"state","code":0,"ms":212,"text":"..."}
 * t is CLOCK_BOOTTIME in microseconds; code is 0 or an errno or exit code; ms is how long it took.
 */
#pragma once

#include <stdint.h>

#include "lib/attr.h"
#include "lib/error.h"

/* What the watch says of a container that ended or was stopped. Its removal undoes these alone: any
 * other failure of a service outlives its container. */
#define JOURNAL_ENDED "ended with "
#define JOURNAL_STOPPED "was stopped"

#define JOURNAL_PATH "/run/ros/journal"
/* What readers take. PID 1 trims a journal long before it is so long. */
#define JOURNAL_MAX (4u << 20)
/* A line is shorter than this, its newline included; longer text is cut and ends in "…". */
#define JOURNAL_LINE 1024

#define JOURNAL_KINDS(X)                                                                       \
	X(BOOT, "boot")                     /* first line: text is version and boot id */      \
	X(STEP_BEGIN, "step-begin")         /* a step of the plan or of the agent starts */    \
	X(STEP_END, "step-end")             /* and ended; code, ms, text */                    \
	X(DAEMON_START, "daemon-start")     /* a supervised daemon was started */              \
	X(DAEMON_READY, "daemon-ready")     /* and said that it is ready; ms since its start */ \
	X(DAEMON_EXIT, "daemon-exit")       /* and ended; text says how */                     \
	X(SERVICE_START, "service-start")   /* a container is being started */                 \
	X(SERVICE_READY, "service-ready")   /* it is up, or ran to the end that is waited for */ \
	X(SERVICE_FAIL, "service-fail")     /* it could not be started, or failed */           \
	X(SERVICE_GONE, "service-gone")     /* its container, which had ended, was removed */  \
	X(RENDERED, "rendered")             /* a template target was published, or is equal */ \
	X(CONFIG, "config")                 /* a source of configuration: adopted or refused */ \
	X(WARNING, "warning")               /* something the user should see */                \
	X(FAIL, "fail")                     /* something did not work */                       \
	X(READY, "ready")                   /* a milestone: text names it ("user-docker") */   \
	X(SHUTDOWN, "shutdown")             /* text: poweroff, reboot, halt, and by whom */

enum journal_kind {
#define X(name, text) JOURNAL_##name,
	JOURNAL_KINDS(X)
#undef X
	JOURNAL_N_KINDS
};

struct journal_event {
	enum journal_kind kind;
	const char *unit; /* "state", "system-docker", "console" */
	const char *text; /* NULL for none */
	int code;
	int64_t ms; /* negative: left out */
};

/* Below which root (lib/file.h) the journal lies from now on; FILE_ROOT until told. For programs
 * that work on another root than the machine's own and must not write into its journal. */
void journal_root(int root);
/* "unknown" for what is none. */
const char *journal_kind_name(enum journal_kind kind);
/* One line, ended by a newline, into `line` of JOURNAL_LINE bytes; returns its length. Pure.
 * Whatever unit and text contain, it is one line of valid JSON; a NULL unit or text is left out. */
size_t journal_format(char *line, uint64_t at_usec, const struct journal_event *ev);
/* Append to JOURNAL_PATH, whose directory must be there. Failing to journal never stops what is
 * being journalled: callers that can do nothing about it may ignore the result. */
int journal_append(const struct journal_event *ev, struct error *err);
/* Put a shorter journal in the place of one that grew too long (lib/journal_trim.c). Others may
 * append and read meanwhile: no line is torn, none of theirs is lost; one may be there twice. */
int journal_trim(int root, struct error *err) MUST_CHECK;
/* Shorthand for the common case: no code, no time; never fails. */
void journal_say(enum journal_kind kind, const char *unit, const char *fmt, ...) PRINTF_LIKE(3, 4);
