/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns the graph of services. Knows nothing of containers.
 */
#include "agent/service/order.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/buf.h"

/* Needs are kept as a matrix: SERVICE_MAX squared is 64 KiB, and every question is a look. */
enum edge { EDGE_NONE, EDGE_SOFT, EDGE_FIRM, EDGE_HARD };

struct order {
	const struct service_set *set;
	size_t n;
	unsigned char *edge;     /* edge[i * n + k]: i waits for k */
	enum order_state *state;
	char **reason;
};

static unsigned char *edge_at(const struct order *o, size_t i, size_t k)
{
	return &o->edge[i * o->n + k];
}

/* Marks everything that `i` waits for, itself included. */
static void reach(const struct order *o, size_t i, bool *seen)
{
	seen[i] = true;
	for (size_t k = 0; k < o->n; k++) {
		if (*edge_at(o, i, k) != EDGE_NONE && !seen[k])
			reach(o, k, seen);
	}
}

bool order_follows(const struct order *o, size_t i, size_t k)
{
	bool seen[SERVICE_MAX] = { false };

	reach(o, i, seen);
	return i != k && seen[k];
}

static void add_edge(struct order *o, size_t i, size_t k, enum edge kind)
{
	unsigned char *e = edge_at(o, i, k);

	/* Waiting for oneself says nothing (syslog with log_driver: syslog). */
	if (i == k || *e >= kind)
		return;
	/* A label gives way. */
	if (kind == EDGE_SOFT && order_follows(o, k, i))
		return;
	*e = (unsigned char)kind;
}

static void add_named(struct order *o, size_t i, const char *name, enum service_need need)
{
	const struct service *other = service_find(o->set, name);
	size_t k;

	/* What is not there is not waited for, as on RancherOS. */
	if (!other)
		return;
	k = (size_t)(other - o->set->all);
	if (need == SERVICE_BEFORE)
		add_edge(o, k, i, EDGE_SOFT);
	else if (need == SERVICE_AFTER)
		add_edge(o, i, k, EDGE_SOFT);
	else
		add_edge(o, i, k, need == SERVICE_HARD ? EDGE_HARD : EDGE_FIRM);
}

static void add_deps(struct order *o, bool labels)
{
	for (size_t i = 0; i < o->n; i++) {
		const struct service *s = &o->set->all[i];

		for (size_t d = 0; d < s->n_deps; d++) {
			const enum service_need need = s->deps[d].need;

			if (labels == (need == SERVICE_AFTER || need == SERVICE_BEFORE))
				add_named(o, i, s->deps[d].name, need);
		}
	}
}

static void fail(struct order *o, size_t i, const char *reason)
{
	o->state[i] = ORDER_FAILED;
	if (!o->reason[i])
		o->reason[i] = strdup(reason);
}

/* "a -> b -> a": the way from i back to itself, always by the first edge that leads there. */
static void describe_circle(const struct order *o, size_t i, struct buf *out)
{
	size_t at = i;

	buf_fmt(out, "needs itself: %s", o->set->all[i].name);
	for (size_t steps = 0; steps < o->n; steps++) {
		size_t k = 0;

		while (k < o->n && (*edge_at(o, at, k) == EDGE_NONE ||
				    (k != i && !order_follows(o, k, i))))
			k++;
		if (*edge_at(o, at, i) != EDGE_NONE)
			k = i;
		if (k >= o->n)
			return;
		buf_fmt(out, " -> %s", o->set->all[k].name);
		if (k == i)
			return;
		at = k;
	}
}

/* Whether a way leads from i back to i. */
static bool in_circle(const struct order *o, size_t i)
{
	for (size_t k = 0; k < o->n; k++) {
		if (*edge_at(o, i, k) != EDGE_NONE && order_follows(o, k, i))
			return true;
	}
	return false;
}

static void fail_circles(struct order *o)
{
	for (size_t i = 0; i < o->n; i++) {
		struct buf AUTO_BUF text = BUF_WITH_LIMIT(4096);

		if (!in_circle(o, i))
			continue;
		describe_circle(o, i, &text);
		fail(o, i, buf_text(&text));
	}
}

int order_new(const struct service_set *set, const bool *chosen, const bool *missing,
	      struct order **ret, struct error *err)
{
	struct order *AUTO(order_free) o = calloc(1, sizeof(*o));

	if (!o)
		return error_set(err, ENOMEM, "no memory for the order of services");
	if (set->n > SERVICE_MAX)
		return error_set(err, E2BIG, "more than %d services", SERVICE_MAX);
	o->set = set;
	o->n = set->n;
	o->edge = calloc(o->n * o->n + 1, 1);
	o->state = calloc(o->n + 1, sizeof(*o->state));
	o->reason = calloc(o->n + 1, sizeof(*o->reason));
	if (!o->edge || !o->state || !o->reason)
		return error_set(err, ENOMEM, "no memory for the order of services");
	add_deps(o, false);
	for (size_t i = 0; missing && i < o->n; i++) {
		if (missing[i])
			add_named(o, i, "network", SERVICE_IMPLICIT);
	}
	fail_circles(o);
	add_deps(o, true);
	for (size_t i = 0; chosen && i < o->n; i++) {
		if (!chosen[i])
			o->state[i] = ORDER_DONE;
	}
	*ret = TAKE_PTR(o);
	return 0;
}

void order_free(struct order *o)
{
	if (!o)
		return;
	for (size_t i = 0; o->reason && i < o->n; i++)
		free(o->reason[i]);
	free(o->reason);
	free(o->state);
	free(o->edge);
	free(o);
}

/* Whether what i waits for has ended. A hard need that failed fails i. */
static bool is_ready(struct order *o, size_t i)
{
	bool ready = true;

	for (size_t k = 0; k < o->n; k++) {
		const enum edge e = *edge_at(o, i, k);
		char text[300];

		if (e == EDGE_HARD && o->state[k] == ORDER_FAILED) {
			(void)snprintf(text, sizeof(text), "needs %s, which failed",
				       o->set->all[k].name);
			fail(o, i, text);
			return false;
		}
		if (e != EDGE_NONE && o->state[k] < ORDER_DONE)
			ready = false;
	}
	return ready;
}

enum order_next order_next(struct order *o, size_t *ret)
{
	bool busy, changed;

	/* A failure may doom, or free, services that were looked at before it: look again then. */
	do {
		busy = changed = false;
		for (size_t i = 0; i < o->n; i++) {
			const bool waited = o->state[i] == ORDER_WAITING;

			if (waited && is_ready(o, i)) {
				o->state[i] = ORDER_RUNNING;
				*ret = i;
				return ORDER_READY;
			}
			changed |= waited && o->state[i] == ORDER_FAILED;
			busy |= o->state[i] < ORDER_DONE;
		}
	} while (changed);
	return busy ? ORDER_WAIT : ORDER_END;
}

void order_done(struct order *o, size_t i, bool ok)
{
	o->state[i] = ok ? ORDER_DONE : ORDER_FAILED;
}

enum order_state order_state(const struct order *o, size_t i)
{
	return o->state[i];
}

const char *order_reason(const struct order *o, size_t i)
{
	return o->reason[i];
}
