/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What took the time of a boot: its spans, the slowest, and the chain of spans that user Docker had
 * to wait for. Pure: from a journal's events to text, JSON or a drawing.
 */
#pragma once

#include "agent/status/events.h"
#include "lib/attr.h"
#include "lib/buf.h"

#define ANALYZE_CHAIN 64
#define ANALYZE_GOAL "user-docker"

struct analyze {
	const struct event_list *events;
	struct events_span_list spans;
	const char *boot; /* text of the first line: version and boot id */
	uint64_t goal;    /* when user Docker was ready; 0: it was not */
	uint64_t last;    /* end of what is drawn */
	const struct events_span *chain[ANALYZE_CHAIN]; /* first to last */
	size_t n_chain;
};

int analyze_make(struct doc_pool *p, const struct event_list *events, struct analyze *ret,
		 struct error *err) MUST_CHECK;
void analyze_text(const struct analyze *a, struct buf *out);
void analyze_json(const struct analyze *a, struct buf *out);
/* agent/status/analyze_svg.c */
void analyze_svg(const struct analyze *a, struct buf *out);
