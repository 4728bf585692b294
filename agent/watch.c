/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events of containers, and what they mean together.
 */
#include "agent/watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static void die(struct watch_container *c, const struct doc_node *attributes,
		struct watch_result *ret)
{
	ret->verb = WATCH_DIED;
	ret->code = (int)doc_int(doc_key(attributes, "exitCode"), "", 0);
	ret->start_it = c->killed && !c->asked;
	c->died = true;
}

void watch_event(struct watch *w, const struct doc_node *event, struct watch_result *ret)
{
	const struct doc_node *attributes = doc_at(event, "Actor.Attributes");
	const char *action = doc_str(event, "Action", "");
	const char *name = doc_str(doc_key(attributes, "name"), "", "");
	struct watch_container *c;

	*ret = (struct watch_result){ .verb = WATCH_NOTHING };
	if (!*name)
		return;
	snprintf(ret->name, sizeof(ret->name), "%s", name);
	c = find(w, ret->name);
	if (!strcmp(action, "kill")) {
		bool hard = !strcmp(doc_str(doc_key(attributes, "signal"), "", ""), "9");

		c->killed = c->killed || hard;
		c->asked = c->asked || !hard;
	} else if (!strcmp(action, "die")) {
		die(c, attributes, ret);
	} else if (!strcmp(action, "stop")) {
		ret->verb = WATCH_STOPPED;
	} else if (!strcmp(action, "start")) {
		ret->verb = c->died ? WATCH_STARTED : WATCH_NOTHING;
		c->killed = c->asked = c->died = false;
	} else if (!strcmp(action, "destroy")) {
		*c = (struct watch_container){ 0 };
	}
}
