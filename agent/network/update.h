/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes the machine (the caller's network namespace) match a model: reads what is, works out the
 * steps, carries them out, and looks again until nothing is left to do.
 */
#pragma once

#include "agent/network/change.h"

/* Told about each interface in turn, before and after its own steps; about each look, before the
 * steps that follow from it. `before` is NULL together with `after`; `seen` may be NULL. */
struct update_ops {
	void (*before)(void *arg, const struct want *w);
	void (*after)(void *arg, const struct want *w);
	void (*seen)(void *arg, const struct state *s);
	void *arg;
};

struct update {
	struct network *net;
	struct update_ops ops;
	size_t steps;          /* that were carried out */
	bool waits;            /* as in struct change_list */
	struct want_list want; /* of the last look; its links are gone with the state */
};

/* What cannot be done is a message of the model's pool, and the rest is done; a negative value is
 * returned only when the kernel cannot be asked. */
int update_run(struct update *u, struct error *err) MUST_CHECK;
/* The steps alone, for people to read: one line each into `out`. */
int update_show(struct network *net, struct buf *out, size_t *ret_n, struct error *err) MUST_CHECK;
