/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The services of the machine's configuration, as the commands about services see them.
 */
#pragma once

#include <stdbool.h>

#include "agent/service/service.h"
#include "lib/attr.h"
#include "lib/doc/doc.h"
#include "lib/error.h"

struct project {
	struct doc_pool *pool;
	const struct doc_node *config; /* merged */
	struct service_set set;
	size_t n_before;               /* messages about the configuration itself stand before */
};

int project_load(int root, struct project *ret, struct error *err) MUST_CHECK;
void project_done(struct project *p);
#define AUTO_PROJECT CLEANUP(project_done)
/* Tell the owner about mistakes in service definitions. */
void project_report(const struct project *p);
/* The same for whoever sits at the prompt: on standard error alone. */
void project_print(const struct project *p);
/* Tell the owner which files of write_files are for a container that is no service of System
 * Docker's: they are put nowhere. */
void project_report_files(int root, const struct project *p);
/* Set chosen[i] for the services of one scope; returns how many. */
size_t project_choose(const struct project *p, bool system, bool *chosen);
