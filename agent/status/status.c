/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From events to the state of each unit, and to a verdict. Printing is status_print.c's.
 */
#include "agent/status/status.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>


/* User Docker that is not there after this time is a fault, not a beginning. */
#define STARTING_S 180

static struct status_unit *find(struct status *s, const char *name)
{
	for (size_t i = 0; i < s->n_units; i++)
		if (!strcmp(s->units[i].name, name))
			return &s->units[i];
	return NULL;
}

static struct status_unit *find_or_add(struct status *s, const char *name)
{
	struct status_unit *u = find(s, name);

	if (u)
		return u;
	u = &s->units[s->n_units++];
	*u = (struct status_unit){ .name = name, .state = STATUS_DONE, .why = "" };
	return u;
}

static void set(struct status_unit *u, enum status_state state, const char *why)
{
	u->state = state;
	u->why = why;
}

static bool is_bad(const struct status_unit *u)
{
	return u->state == STATUS_FAILED || u->state == STATUS_DOWN;
}

/* The last word about a unit counts: what failed and then came up is up. */
static void apply(struct status *s, const struct event *ev)
{
	struct status_unit *u;

	/* The boot came to its end after all: somebody mended what had stopped it, and went on. */
	if (ev->kind == JOURNAL_READY && !strcmp(ev->text, "boot-plan") &&
	    (u = find(s, "recovery")))
		set(u, STATUS_DONE, "");
	if (!*ev->unit || ev->kind == JOURNAL_WARNING || ev->kind == JOURNAL_RENDERED ||
	    ev->kind == JOURNAL_CONFIG || ev->kind == JOURNAL_BOOT || ev->kind == JOURNAL_READY ||
	    ev->kind == JOURNAL_SHUTDOWN)
		return;
	u = find_or_add(s, ev->unit);
	switch (ev->kind) {
	case JOURNAL_STEP_BEGIN:
	case JOURNAL_SERVICE_START:
		set(u, STATUS_BEGUN, "");
		break;
	case JOURNAL_STEP_END:
		if (!ev->code)
			set(u, STATUS_DONE, "");
		else if (u->state != STATUS_FAILED || *ev->text)
			set(u, STATUS_FAILED, ev->text);
		break;
	case JOURNAL_DAEMON_START: /* not every daemon says when it is ready */
	case JOURNAL_DAEMON_READY:
	case JOURNAL_SERVICE_READY:
		set(u, STATUS_UP, "");
		break;
	case JOURNAL_DAEMON_EXIT:
		set(u, STATUS_DOWN, ev->text);
		break;
	case JOURNAL_SERVICE_GONE:
		if (is_bad(u) && (!strncmp(u->why, JOURNAL_ENDED, strlen(JOURNAL_ENDED)) ||
				  !strcmp(u->why, JOURNAL_STOPPED)))
			set(u, STATUS_DONE, "");
		break;
	case JOURNAL_SERVICE_FAIL:
	case JOURNAL_FAIL:
		set(u, STATUS_FAILED, ev->text);
		break;
	default:
		break;
	}
}

/* System Docker's own view: a container that does not stay up, whatever the journal last said. */
static void apply_containers(struct doc_pool *p, struct status *s, const char *text)
{
	while (text && *text) {
		size_t n = strcspn(text, "\n"), name = strcspn(text, " \n");
		const char *state = text + name + (text[name] == ' ');
		size_t len = strcspn(state, " \n");
		const char *copy;
		struct status_unit *u;

		if (len == 10 && !memcmp(state, "restarting", len)) {
			copy = doc_strdup(p, text, name);
			u = copy ? find(s, copy) : NULL;
			if (u)
				set(u, STATUS_DOWN, "its container does not stay up");
		}
		text += n + (text[n] == '\n');
	}
}

static enum status_health judge(const struct status *s)
{
	for (size_t i = 0; i < s->n_units; i++)
		if (is_bad(&s->units[i]))
			return STATUS_DEGRADED;
	if (s->in->control && strstr(s->in->control, "recovery=on"))
		return STATUS_DEGRADED;
	if (!s->docker_usec)
		return s->in->uptime_s < STARTING_S ? STATUS_STARTING : STATUS_DEGRADED;
	return STATUS_HEALTHY;
}

static const struct event *find_shutdown(const struct event_list *l)
{
	for (size_t i = l->n; i > 0; i--)
		if (l->all[i - 1].kind == JOURNAL_SHUTDOWN)
			return &l->all[i - 1];
	return NULL;
}

/* The kernel's last words are for root; their one line is in the journal. */
static bool find_panic(struct status *s)
{
	const struct status_input *in = s->in;

	if (*in->panic) {
		history_panic_reason(in->panic, s->stop_text);
		return true;
	}
	for (size_t i = 0; i < in->events.n; i++) {
		if (strcmp(in->events.all[i].unit, STATUS_PANIC_UNIT))
			continue;
		snprintf(s->stop_text, sizeof(s->stop_text), "%s", in->events.all[i].text);
		return true;
	}
	return false;
}

static void why_stopped(struct status *s)
{
	const struct status_input *in = s->in;
	const struct event *down = find_shutdown(&in->previous);

	if (find_panic(s)) {
		s->stop = STATUS_STOP_PANIC;
	} else if (*in->last_shutdown || down) {
		const char *text = *in->last_shutdown ? in->last_shutdown : down->text;

		s->stop = STATUS_STOP_COMMAND;
		snprintf(s->stop_text, sizeof(s->stop_text), "%.*s", (int)strcspn(text, "\n"),
			 text);
	} else if (in->previous.n) {
		s->stop = STATUS_STOP_POWER;
		snprintf(s->stop_text, sizeof(s->stop_text),
			 "%.1f s after its start, without a word: power cut, reset or a panic that "
			 "left no record",
			 (double)in->previous.all[in->previous.n - 1].t / 1e6);
	} else {
		snprintf(s->stop_text, sizeof(s->stop_text), "no earlier boot is on record");
	}
}

/* The journal says it to everybody; the datasource's result is for root only. */
static void find_source(struct status *s)
{
	const struct status_input *in = s->in;

	for (size_t i = 0; i < in->events.n; i++) {
		const struct event *ev = &in->events.all[i];

		if (ev->kind == JOURNAL_CONFIG && !strcmp(ev->unit, "datasource"))
			snprintf(s->source, sizeof(s->source), "%s", ev->text);
	}
	if (!strncmp(s->source, "none", 4))
		s->source[0] = '\0';
	if (!*s->source && in->datasource)
		snprintf(s->source, sizeof(s->source), "%s", in->datasource);
}

int status_make(struct doc_pool *p, const struct status_input *in, struct status *ret,
		struct error *err)
{
	*ret = (struct status){ .in = in };
	ret->units = doc_alloc(p, (in->events.n + 1) * sizeof(*ret->units));
	if (!ret->units)
		return error_set(err, ENOMEM, "units");
	for (size_t i = 0; i < in->events.n; i++)
		apply(ret, &in->events.all[i]);
	apply_containers(p, ret, in->containers);
	ret->docker_usec = events_milestone(&in->events, "user-docker");
	ret->health = judge(ret);
	find_source(ret);
	why_stopped(ret);
	return 0;
}
