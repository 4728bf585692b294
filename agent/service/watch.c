/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events of containers, and what they mean together.
 */
#include "agent/service/watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/service/service.h"
#include "lib/scope.h"

static struct watch_container *find(struct watch *w, const char *name)
{
	struct watch_container *free_place = NULL;

	for (size_t i = 0; i < WATCH_MAX; i++) {
		if (!strcmp(w->all[i].name, name))
			return &w->all[i];
		if (!free_place && !w->all[i].name[0])
			free_place = &w->all[i];
	}
	/* More containers than places: the first gives way, nothing worse than a line less comes of
	 * it. */
	if (!free_place)
		free_place = &w->all[0];
	*free_place = (struct watch_container){ 0 };
	snprintf(free_place->name, sizeof(free_place->name), "%s", name);
	return free_place;
}

/* One that is being replaced ends, and that is no news. */
static bool steps_aside(const char *name)
{
	const size_t len = strlen(name), tail = strlen(SERVICE_ASIDE);

	return len > tail && !strcmp(name + len - tail, SERVICE_ASIDE);
}

static void die(struct watch_container *c, const struct doc_node *attributes, int64_t now_ms,
		struct watch_result *ret)
{
	ret->verb = WATCH_DIED;
	ret->code = (int)doc_int(doc_key(attributes, "exitCode"), "", 0);
	ret->start_it = c->killed && !c->asked;
	c->died = true;
	c->due_ms = c->asked ? 0 : now_ms + WATCH_POLICY_MS;
}

void watch_event(struct watch *w, const struct doc_node *event, int64_t now_ms,
		 struct watch_result *ret)
{
	const struct doc_node *attributes = doc_at(event, "Actor.Attributes");
	const char *action = doc_str(event, "Action", "");
	const char *name = doc_str(doc_key(attributes, "name"), "", "");
	struct watch_container *c;

	*ret = (struct watch_result){ .verb = WATCH_NOTHING };
	if (!*name || !doc_key(attributes, SERVICE_LABEL_NAME) || steps_aside(name))
		return;
	snprintf(ret->name, sizeof(ret->name), "%s", name);
	c = find(w, ret->name);
	if (!strcmp(action, "kill")) {
		bool hard = !strcmp(doc_str(doc_key(attributes, "signal"), "", ""), "9");

		c->killed = c->killed || hard;
		c->asked = c->asked || !hard;
	} else if (!strcmp(action, "die")) {
		die(c, attributes, now_ms, ret);
	} else if (!strcmp(action, "stop")) {
		ret->verb = WATCH_STOPPED;
		c->due_ms = 0;
	} else if (!strcmp(action, "start")) {
		ret->verb = c->died ? WATCH_STARTED : WATCH_NOTHING;
		c->killed = c->asked = c->died = false;
		c->due_ms = 0;
	} else if (!strcmp(action, "destroy")) {
		ret->verb = c->died ? WATCH_GONE : WATCH_NOTHING;
		*c = (struct watch_container){ 0 };
	}
}

int64_t watch_due(const struct watch *w)
{
	int64_t first = -1;

	for (size_t i = 0; i < WATCH_MAX; i++) {
		int64_t due = w->all[i].due_ms;

		if (due > 0 && (first < 0 || due < first))
			first = due;
	}
	return first;
}

const char *watch_overdue(struct watch *w, int64_t now_ms)
{
	for (size_t i = 0; i < WATCH_MAX; i++) {
		struct watch_container *c = &w->all[i];

		if (c->due_ms > 0 && c->due_ms <= now_ms) {
			c->due_ms = 0;
			return c->name;
		}
	}
	return "";
}

void watch_again(struct watch *w, const char *name, int64_t now_ms)
{
	struct watch_container *c = find(w, name);

	if (c->died && !c->asked)
		c->due_ms = now_ms + WATCH_POLICY_MS;
}
