/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `ros service …` does with services, once its words are understood. Every verb serves both
 * Dockers: a service of scope system is System Docker's, any other user Docker's.
 */
#pragma once

#include <stdbool.h>

#include "agent/service/project.h"
#include "agent/service/runner.h"
#include "lib/attr.h"
#include "lib/error.h"

struct servicectl_options {
	char **names; /* services; none means all where that is sensible */
	int n_names;
	int timeout;  /* -t: seconds to stop in; negative: as defined */
	int lines;    /* --lines */
	const char *signal;
	bool all, json, quiet, follow, force, volumes, update;
	bool force_recreate, no_recreate, ignore_pull_failures;
};

struct servicectl {
	const struct servicectl_options *o;
	int root;
	struct project project;
	bool chosen[SERVICE_MAX];
	bool create_only;         /* start nothing */
	struct engine *engine[2]; /* [1]: System Docker's; made when first needed */
};

/* Read the configuration and find the named services; -ENOENT names the one that is not there. */
int servicectl_open(int root, const struct servicectl_options *o, struct servicectl *ret,
		    struct error *err) MUST_CHECK;
void servicectl_close(struct servicectl *c);
#define AUTO_SERVICECTL CLEANUP(servicectl_close)

int servicectl_list(struct servicectl *c, struct error *err) MUST_CHECK;
int servicectl_ps(struct servicectl *c, struct error *err) MUST_CHECK;
int servicectl_up(struct servicectl *c, struct error *err) MUST_CHECK;
int servicectl_create(struct servicectl *c, struct error *err) MUST_CHECK;
int servicectl_start(struct servicectl *c, struct error *err) MUST_CHECK;
int servicectl_stop(struct servicectl *c, struct error *err) MUST_CHECK;
int servicectl_restart(struct servicectl *c, struct error *err) MUST_CHECK;
int servicectl_kill(struct servicectl *c, struct error *err) MUST_CHECK;
int servicectl_rm(struct servicectl *c, struct error *err) MUST_CHECK;
int servicectl_logs(struct servicectl *c, struct error *err) MUST_CHECK;
int servicectl_pull(struct servicectl *c, struct error *err) MUST_CHECK;
