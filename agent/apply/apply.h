/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The agent's work from a payload to a configured machine: keep it, load the configuration, run the
 * modules, render the templates, tell what happened.
 */
#pragma once

#include "agent/modules/module.h"
#include "datasource/datasource.h"
#include "lib/attr.h"
#include "lib/error.h"

#define APPLY_ROWS 96

struct apply_row {
	const char *name;
	enum module_result result;
	char message[160];
};

struct apply {
	int root;
	bool live; /* on the machine itself, not below a --root */
	bool boot; /* the step of the boot: written to its journal; no container runs yet */
	bool allow_loopback; /* URLs may lead to this machine */
	/* Brings the network up where it is not, for what user-data includes; or NULL. */
	int (*network)(void *arg, struct error *err);
	void *network_arg;
	struct doc_pool *pool;
	const struct datasource_payload *payload; /* NULL: no datasource */
	/* Filled in: */
	struct instance instance;
	const struct doc_node *config;
	bool user_data_good;
	struct apply_row rows[APPLY_ROWS];
	size_t n_rows;
};

/* All of it. What is wrong with the configuration is a message of the pool and no failure. */
int apply_all(struct apply *a, struct error *err) MUST_CHECK;
/* The rows as the JSON of `ros agent --json`. */
void apply_json(const struct apply *a, struct buf *out);
