/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finding the critical chain, and printing.
 */
#include "agent/status/analyze.h"

#include <errno.h>
#include <string.h>

#include "lib/scope.h"

/* Columns of a bar's field. */
#define BAR 26
#define SLOWEST 8
/* A span that ended so shortly after another began was still what it waited for: two clocks'
 * reading. */
#define SLACK_USEC 2000

static double seconds(uint64_t usec)
{
	return (double)usec / 1e6;
}

/* What the chain leads to: the span that ended when the goal was reached, or ended last. */
static const struct events_span *target(const struct analyze *a)
{
	const struct events_span *best = NULL;
	uint64_t limit = a->goal ? a->goal + SLACK_USEC : UINT64_MAX;

	for (size_t i = 0; i < a->spans.n; i++) {
		const struct events_span *s = &a->spans.all[i];

		if (!s->end || s->end > limit)
			continue;
		if (a->goal && !strcmp(s->unit, ANALYZE_GOAL) && s->kind == EVENTS_DAEMON)
			return s;
		if (!best || s->end > best->end)
			best = s;
	}
	return best;
}

/* Daemons and steps that another unit's program starts: they wait for that unit, which is not over
 * yet when they begin. */
static const struct {
	const char *unit, *parent;
} parents[] = {
	{ "user-containerd", "docker" }, { "user-docker", "docker" }, { "sshd", "console" },
	{ "runcmd", "console" },	 { "start.sh", "console" },   { "rc.local", "console" },
	{ "cloud-config-script", "console" },
};

static bool is_parent(const struct events_span *o, const struct events_span *s)
{
	if (o->kind != EVENTS_SERVICE || o->begin >= s->begin)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(parents); i++)
		if (!strcmp(parents[i].unit, s->unit) && !strcmp(parents[i].parent, o->unit))
			return true;
	return false;
}

/* The span that ended last before `s` began, or its parent if that had only begun by then. */
static const struct events_span *before(const struct analyze *a, const struct events_span *s)
{
	const struct events_span *best = NULL, *parent = NULL;

	for (size_t i = 0; i < a->spans.n; i++) {
		const struct events_span *o = &a->spans.all[i];

		if (is_parent(o, s))
			parent = o;
		if (o == s || !o->end || o->end > s->begin + SLACK_USEC || o->begin >= s->begin)
			continue;
		if (!best || o->end > best->end)
			best = o;
	}
	return parent && (!best || parent->begin >= best->end) ? parent : best;
}

static void find_chain(struct analyze *a)
{
	const struct events_span *s = target(a);

	for (; s && a->n_chain < ANALYZE_CHAIN; s = before(a, s))
		a->chain[a->n_chain++] = s;
	for (size_t i = 0; i < a->n_chain / 2; i++) {
		s = a->chain[i];
		a->chain[i] = a->chain[a->n_chain - 1 - i];
		a->chain[a->n_chain - 1 - i] = s;
	}
}

/* The boot is over when the last first start is; later restarts would squeeze the drawing. */
static uint64_t find_last(const struct analyze *a)
{
	uint64_t last = a->goal;

	for (size_t i = 0; i < a->spans.n; i++) {
		uint64_t end = a->spans.all[i].end ? a->spans.all[i].end : a->spans.all[i].begin;

		if (end > last && (!a->goal || a->spans.all[i].begin <= a->goal))
			last = end;
	}
	return last ? last : 1;
}

int analyze_make(struct doc_pool *p, const struct event_list *events, struct analyze *ret,
		 struct error *err)
{
	int r;

	*ret = (struct analyze){ .events = events, .boot = "" };
	if (!events->n)
		return error_set(err, ENODATA, "the journal is empty");
	r = events_spans(p, events, &ret->spans, err);
	if (r < 0)
		return r;
	if (events->all[0].kind == JOURNAL_BOOT)
		ret->boot = events->all[0].text;
	ret->goal = events_milestone(events, ANALYZE_GOAL);
	ret->last = find_last(ret);
	find_chain(ret);
	return 0;
}

static void add_bar(const struct analyze *a, const struct events_span *s, struct buf *out)
{
	uint64_t end = s->end ? s->end : s->begin;
	size_t from = (size_t)(s->begin * BAR / a->last), to = (size_t)(end * BAR / a->last);

	for (size_t i = 0; i <= to && i <= BAR; i++)
		buf_str(out, i < from ? " " : s->failed ? "x" : "=");
}

static void add_span(const struct events_span *s, struct buf *out)
{
	buf_fmt(out, "  %8.3f", seconds(s->begin));
	if (s->end)
		buf_fmt(out, " %8.3f", seconds(s->end - s->begin));
	else
		buf_fmt(out, " %8s", "-");
	buf_fmt(out, "  %-8s %-22s", events_span_kind_name(s->kind), s->unit);
}

static int slower(const void *x, const void *y)
{
	const struct events_span *a = *(const struct events_span *const *)x;
	const struct events_span *b = *(const struct events_span *const *)y;
	uint64_t ta = a->end - a->begin, tb = b->end - b->begin;

	return ta < tb ? 1 : ta > tb ? -1 : 0;
}

/* Spans that ended, slowest first. The caller frees. */
static const struct events_span **slowest(const struct analyze *a, size_t *ret_n)
{
	const struct events_span **list = calloc(a->spans.n + 1, sizeof(*list));
	size_t n = 0;

	for (size_t i = 0; list && i < a->spans.n; i++)
		if (a->spans.all[i].end)
			list[n++] = &a->spans.all[i];
	if (list)
		qsort(list, n, sizeof(*list), slower);
	*ret_n = n;
	return list;
}

void analyze_text(const struct analyze *a, struct buf *out)
{
	AUTO_FREE const struct events_span **slow = NULL;
	size_t n;

	if (a->goal)
		buf_fmt(out, "user Docker was ready %.3f s after the kernel started",
			seconds(a->goal));
	else
		buf_str(out, "user Docker was not ready");
	buf_fmt(out, " (%s)\n\ntime line (seconds: beginning, length)\n", a->boot);
	for (size_t i = 0; i < a->spans.n; i++) {
		add_span(&a->spans.all[i], out);
		buf_char(out, ' ');
		add_bar(a, &a->spans.all[i], out);
		buf_char(out, '\n');
	}
	slow = slowest(a, &n);
	buf_str(out, "\nslowest\n");
	for (size_t i = 0; i < n && i < SLOWEST; i++) {
		add_span(slow[i], out);
		buf_char(out, '\n');
	}
	buf_str(out, "\ncritical chain (each began when the one above it had ended)\n");
	for (size_t i = 0; i < a->n_chain; i++) {
		uint64_t idle = a->chain[i]->begin - (i ? a->chain[i - 1]->end : 0);

		add_span(a->chain[i], out);
		if (i && (int64_t)idle > SLACK_USEC)
			buf_fmt(out, "  after %.3f s of nothing noted", seconds(idle));
		buf_char(out, '\n');
	}
}

static void json_span(const struct events_span *s, struct buf *out)
{
	buf_str(out, "{\"unit\":\"");
	buf_json(out, s->unit);
	buf_fmt(out, "\",\"kind\":\"%s\",\"begin_ms\":%.3f", events_span_kind_name(s->kind),
		(double)s->begin / 1e3);
	if (s->end)
		buf_fmt(out, ",\"end_ms\":%.3f,\"ms\":%.3f", (double)s->end / 1e3,
			(double)(s->end - s->begin) / 1e3);
	buf_fmt(out, ",\"failed\":%s,\"code\":%d}", s->failed ? "true" : "false", s->code);
}

static void json_milestones(const struct analyze *a, struct buf *out)
{
	const char *comma = "";

	for (size_t i = 0; i < a->events->n; i++) {
		const struct event *ev = &a->events->all[i];

		if (ev->kind != JOURNAL_READY)
			continue;
		buf_fmt(out, "%s{\"unit\":\"", comma);
		buf_json(out, ev->unit);
		buf_str(out, "\",\"name\":\"");
		buf_json(out, ev->text);
		buf_fmt(out, "\",\"at_ms\":%.3f}", (double)ev->t / 1e3);
		comma = ",";
	}
}

void analyze_json(const struct analyze *a, struct buf *out)
{
	buf_str(out, "{\"boot\":\"");
	buf_json(out, a->boot);
	buf_str(out, "\",\"user_docker_ms\":");
	if (a->goal)
		buf_fmt(out, "%.3f", (double)a->goal / 1e3);
	else
		buf_str(out, "null");
	buf_str(out, ",\"spans\":[");
	for (size_t i = 0; i < a->spans.n; i++) {
		buf_str(out, i ? "," : "");
		json_span(&a->spans.all[i], out);
	}
	buf_str(out, "],\"critical_chain\":[");
	for (size_t i = 0; i < a->n_chain; i++) {
		buf_str(out, i ? "," : "");
		json_span(a->chain[i], out);
	}
	buf_str(out, "],\"milestones\":[");
	json_milestones(a, out);
	buf_str(out, "]}\n");
}
