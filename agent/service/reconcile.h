/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What must be done so that a service's container is as its definition says. Pure: looks at what
 * the daemon has, decides, and touches nothing; runner.c acts.
 */
#pragma once

#include <stdbool.h>

#include "agent/service/service.h"
#include "lib/attr.h"
#include "lib/error.h"

enum reconcile_verb {
	RECONCILE_KEEP,     /* it runs and is right */
	RECONCILE_START,    /* it is there and right */
	RECONCILE_CREATE,   /* there is none */
	RECONCILE_RECREATE, /* the one that is there goes first */
	RECONCILE_N_VERBS
};

/* What the daemon has, as the API lists it. */
struct reconcile_world {
	const struct doc_node *containers, *images;
};

struct reconcile_flags {
	bool force;  /* recreate whatever is there */
	bool never;  /* recreate nothing */
};

struct reconcile_plan {
	enum reconcile_verb verb;
	const char *id;              /* of the container that is there, or NULL */
	bool aside;                  /* it stepped aside already, and no new one was made */
	const char *left;            /* one that stepped aside and was not removed, or NULL */
	const char *why;             /* one phrase */
	const struct doc_node *body; /* of the create request, with the label io.ocicat.hash */
};

/* -EEXIST: a container of that name is there which is not this service's. */
int reconcile_decide(struct doc_pool *p, const struct service *s,
		     const struct reconcile_world *world, const struct reconcile_flags *flags,
		     struct reconcile_plan *ret, struct error *err) MUST_CHECK;
/* The container called `name`, NULL when there is none. */
const struct doc_node *reconcile_find(const struct doc_node *containers, const char *name);
/* Whether a container with these labels was made for this service, by us or by RancherOS; -EEXIST
 * says what to do about one that was not. The names of built-in services are the system's. */
int reconcile_check_owner(const struct service *s, const struct doc_node *labels,
			  struct error *err) MUST_CHECK;
bool reconcile_is_running(const struct doc_node *container);
const char *reconcile_verb_name(enum reconcile_verb verb);
