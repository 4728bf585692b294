/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a boot journal: its lines as events, and events as spans of time (a step, the start of a
 * daemon or of a service until it was ready). Pure.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/doc/doc.h"
#include "lib/error.h"
#include "lib/journal.h"

struct event {
	uint64_t t; /* microseconds since the kernel started */
	enum journal_kind kind;
	const char *unit; /* "" when there is none */
	const char *text; /* "" */
	int code;
	int64_t ms; /* -1 */
};

struct event_list {
	const struct event *all;
	size_t n;
};

/* Lines that are no events (the last of a machine that lost power) are passed over. */
int events_parse(struct doc_pool *p, const char *text, size_t len, struct event_list *ret,
		 struct error *err) MUST_CHECK;

enum events_span_kind { EVENTS_STEP, EVENTS_DAEMON, EVENTS_SERVICE, EVENTS_N_SPAN_KINDS };

struct events_span {
	const char *unit;
	enum events_span_kind kind;
	uint64_t begin, end; /* end is 0 while it goes on */
	int code;
	bool failed;
};

struct events_span_list {
	struct events_span *all; /* in order of their beginning */
	size_t n;
};

/* The kernel, then the first start of every daemon and service, every run of a step. */
int events_spans(struct doc_pool *p, const struct event_list *events, struct events_span_list *ret,
		 struct error *err) MUST_CHECK;
const char *events_span_kind_name(enum events_span_kind kind);
/* When milestone `name` was reached; 0 when it was not. */
uint64_t events_milestone(const struct event_list *events, const char *name);
