/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Journal text to events to spans.
 */
#include "agent/status/events.h"

#include <errno.h>
#include <string.h>

#include "lib/scope.h"

static enum journal_kind find_kind(const char *name)
{
	enum journal_kind k = 0;

	while (k < JOURNAL_N_KINDS && strcmp(journal_kind_name(k), name))
		k++;
	return k;
}

static bool parse_line(struct doc_pool *p, const char *line, size_t len, struct event *ret)
{
	const struct doc_node *n = NULL;

	if (!len || line[0] != '{' || doc_json_parse(p, JOURNAL_PATH, line, len, &n, NULL) < 0)
		return false;
	*ret = (struct event){
		.t = (uint64_t)doc_int(n, "t", 0),
		.kind = find_kind(doc_str(n, "kind", "")),
		.unit = doc_str(n, "unit", ""),
		.text = doc_str(n, "text", ""),
		.code = (int)doc_int(n, "code", 0),
		.ms = doc_int(n, "ms", -1),
	};
	return ret->kind < JOURNAL_N_KINDS;
}

int events_parse(struct doc_pool *p, const char *text, size_t len, struct event_list *ret,
		 struct error *err)
{
	const char *end = text + len;
	struct event *all;
	size_t max = 1, n = 0;

	for (const char *c = text; c < end; c++)
		max += *c == '\n';
	all = doc_alloc(p, max * sizeof(*all));
	if (!all)
		return error_set(err, ENOMEM, "%zu journal lines", max);
	while (text < end) {
		const char *nl = memchr(text, '\n', (size_t)(end - text));
		size_t line = nl ? (size_t)(nl - text) : (size_t)(end - text);

		n += parse_line(p, text, line, &all[n]);
		text += line + (nl != NULL);
	}
	*ret = (struct event_list){ .all = all, .n = n };
	return 0;
}

const char *events_span_kind_name(enum events_span_kind kind)
{
	static const char *const names[EVENTS_N_SPAN_KINDS] = {
		[EVENTS_STEP] = "step",
		[EVENTS_DAEMON] = "daemon",
		[EVENTS_SERVICE] = "service",
	};

	return kind < EVENTS_N_SPAN_KINDS ? names[kind] : "unknown";
}

/* Which kinds of event begin and end which kind of span. */
static bool is_begin(enum journal_kind kind, enum events_span_kind *ret)
{
	switch (kind) {
	case JOURNAL_STEP_BEGIN:
		*ret = EVENTS_STEP;
		return true;
	case JOURNAL_DAEMON_START:
		*ret = EVENTS_DAEMON;
		return true;
	case JOURNAL_SERVICE_START:
		*ret = EVENTS_SERVICE;
		return true;
	default:
		return false;
	}
}

static bool is_end(enum journal_kind kind, enum events_span_kind *ret)
{
	switch (kind) {
	case JOURNAL_STEP_END:
		*ret = EVENTS_STEP;
		return true;
	case JOURNAL_DAEMON_READY:
	case JOURNAL_DAEMON_EXIT:
		*ret = EVENTS_DAEMON;
		return true;
	case JOURNAL_SERVICE_READY:
	case JOURNAL_SERVICE_FAIL:
		*ret = EVENTS_SERVICE;
		return true;
	default:
		return false;
	}
}

/* The last span of that unit and kind; `open`: only one that goes on. */
static struct events_span *find(struct events_span_list *l, const struct event *ev,
				enum events_span_kind kind, bool open)
{
	for (size_t i = l->n; i > 0; i--) {
		struct events_span *s = &l->all[i - 1];

		if (s->kind == kind && !strcmp(s->unit, ev->unit) && (!open || !s->end))
			return s;
	}
	return NULL;
}

/* A step whose beginning nobody noted is as long as its end says. */
static void insert_whole(struct events_span_list *l, const struct event *ev)
{
	uint64_t took = (uint64_t)ev->ms * 1000, begin = ev->t > took ? ev->t - took : 0;
	size_t at = l->n;

	while (at > 0 && l->all[at - 1].begin > begin)
		at--;
	memmove(&l->all[at + 1], &l->all[at], (l->n - at) * sizeof(*l->all));
	l->all[at] = (struct events_span){ .unit = ev->unit,
					   .kind = EVENTS_STEP,
					   .begin = begin,
					   .end = ev->t,
					   .code = ev->code,
					   .failed = ev->code != 0 };
	l->n++;
}

static void close_span(struct events_span *s, const struct event *ev)
{
	s->end = ev->t;
	s->code = ev->code;
	s->failed = ev->kind == JOURNAL_SERVICE_FAIL || ev->kind == JOURNAL_DAEMON_EXIT ||
		    (ev->kind == JOURNAL_STEP_END && ev->code != 0);
}

static void add(struct events_span_list *l, const struct event *ev)
{
	enum events_span_kind kind;
	struct events_span *s;

	if (is_begin(ev->kind, &kind)) {
		if (kind != EVENTS_STEP && find(l, ev, kind, false))
			return;
		l->all[l->n++] =
			(struct events_span){ .unit = ev->unit, .kind = kind, .begin = ev->t };
	} else if (is_end(ev->kind, &kind)) {
		s = find(l, ev, kind, true);
		if (s)
			close_span(s, ev);
		else if (kind == EVENTS_STEP && ev->ms >= 0)
			insert_whole(l, ev);
	}
}

int events_spans(struct doc_pool *p, const struct event_list *events, struct events_span_list *ret,
		 struct error *err)
{
	struct events_span_list l = { .all = doc_alloc(p, (events->n + 1) * sizeof(*l.all)) };

	if (!l.all)
		return error_set(err, ENOMEM, "spans");
	/* What comes before the first line is the firmware's hand-over and the kernel. */
	if (events->n && events->all[0].kind == JOURNAL_BOOT)
		l.all[l.n++] = (struct events_span){ .unit = "kernel", .kind = EVENTS_STEP,
						     .end = events->all[0].t };
	for (size_t i = 0; i < events->n; i++)
		add(&l, &events->all[i]);
	*ret = l;
	return 0;
}

uint64_t events_milestone(const struct event_list *events, const char *name)
{
	for (size_t i = 0; i < events->n; i++)
		if (events->all[i].kind == JOURNAL_READY && !strcmp(events->all[i].text, name))
			return events->all[i].t;
	return 0;
}
