/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One shim for a group of containers: the start of a shim as containerd asks for it, one at a time,
 * and without running the shim's program where one serves the group already.
 *
 * containerd's own grouping (the annotation below, as for the containers of a pod) lets two that
 * start at the same moment make two shims at one address; whoever has the lock here is alone.
 * Protocol: containerd's docs/runtime-v2, "start".
 */
#pragma once

#include <stdbool.h>

#include "lib/attr.h"
#include "lib/error.h"

/* What a container's config.json says when it belongs to the group. */
#define GROUP_ANNOTATION "\"io.containerd.runc.v2.group\":\"system\""

struct group {
	const char *shim;  /* containerd's program */
	const char *lock;  /* a file that is made */
	const char *reply; /* where the answer of the shim that serves the group is kept */
};

/* Whether the bundle in the working directory is a container of the group. */
bool group_has(const char *config);
/* Answer a "start" on `out`: with the address of the shim that listens, else with what
 * g->shim says when it is run with argv, environment, input and errors of our own. */
int group_start(const struct group *g, char *const *argv, int out, struct error *err) MUST_CHECK;
