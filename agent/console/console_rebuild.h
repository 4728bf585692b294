/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rancher.force_console_rebuild: the console's container is made anew once, without what somebody
 * changed in it.
 */
#pragma once

#include "agent/service/service.h"
#include "lib/attr.h"
#include "lib/error.h"

/* When the configuration asks for it, the consoles of the set are to be made anew. */
bool console_rebuild_want(const struct doc_node *config, struct service_set *set);
/* It was done: cloud-config.yml says so. (The kernel line is stronger: what stands there is done at
 * each boot.) */
int console_rebuild_done(int root, struct error *err) MUST_CHECK;
