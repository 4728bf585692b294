/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Brings services up: in the order that order.c says, several at once, each as reconcile.c decided.
 * Every start, success and failure is in the journal; failures are messages to the owner too.
 */
#pragma once

#include <stdbool.h>

#include "agent/engine/engine.h"
#include "agent/service/reconcile.h"
#include "agent/service/service.h"
#include "lib/attr.h"
#include "lib/error.h"

/* How many containers are made and started at the same moment. More would only share the processor,
 * and what stands first in the file (console, docker) would be up later. */
#define RUNNER_BUSY 2
/* Threads: those beyond RUNNER_BUSY wait for a network, a pull or the end of a container. */
#define RUNNER_THREADS 16

struct runner {
	struct engine *engine;          /* the caller's connection */
	const char *socket;             /* to connect again when the daemon was restarted */
	const struct service_set *set;
	const bool *chosen;             /* one for each service; NULL: all */
	const struct doc_node *auths;   /* rancher.registry_auths */
	struct reconcile_flags flags;
	bool create_only;               /* start nothing */
	bool say;                       /* rancher.log: tell on the console what is done */
	int pull_ms;                    /* how long to try to pull an image that is missing */
};

/* What came of each service: ended[i] is RUNNER_NOT for those that were not chosen. */
enum runner_end { RUNNER_NOT, RUNNER_UP, RUNNER_FAILED };

/* Returns 0 when everything was tried, whatever came of it; ended has set->n entries. */
int runner_run(const struct runner *r, enum runner_end *ended, struct error *err) MUST_CHECK;
