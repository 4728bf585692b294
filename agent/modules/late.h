/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Modules that do not run in the agent's step of the boot but later: those of the end, and mounts
 * that need the network.
 */
#pragma once

#include "agent/modules/module.h"
#include "lib/attr.h"
#include "lib/error.h"

/* Run one module, or (NULL) all that are for the end, on this machine. What they say goes to the
 * journal and to the messages; -EIO when one of them failed (the others ran all the same). */
int late_run(const struct module *only, struct error *err) MUST_CHECK;
