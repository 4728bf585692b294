/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rancher.install: the machine installs itself while it boots, after its metadata is in and before
 * user Docker starts, and starts from its disk.
 */
#pragma once

#include "agent/config/config.h"
#include "lib/attr.h"
#include "lib/doc/doc.h"
#include "lib/error.h"

/* What this boot's configuration was made of, and where it goes on the disk: what was stored by
 * hand is what the disk was installed with, below what will be stored there. */
struct unattended_seed {
	const char *from, *to;
};

#define UNATTENDED_SEEDS 4
extern const struct unattended_seed unattended_seeds[UNATTENDED_SEEDS];

/* Do what the configuration asks for. Nothing is done when it does not ask, on a machine that runs
 * from its disk already, and on a disk that holds this version, or (unless once is false) any:
 * whatever a boot order says, it never loops. *ret_going: the machine is about to restart. */
int unattended_run(const struct doc_node *config, bool *ret_going, struct error *err) MUST_CHECK;
