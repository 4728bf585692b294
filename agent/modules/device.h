/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Devices that a module partitions or formats: what was set up once for this instance is not
 * touched again, whatever becomes of the module's other entries, and what is in use never is.
 */
#pragma once

#include <stdbool.h>

#include "agent/modules/module.h"
#include "lib/attr.h"
#include "lib/error.h"

/* The device was set up by this module for this instance (disks that are blank, or a platform's, at
 * each boot are set up at each: frequency "boot"). When its entry says something else since, a
 * warning of the pool says that this is not done. */
bool device_is_done(const struct module_ctx *c, const struct module *m, const char *path,
		    const struct doc_node *entry);
/* Mark it so, durably. A failure is a warning of the pool. */
void device_mark(const struct module_ctx *c, const struct module *m, const char *path,
		 const struct doc_node *entry);
/* Nobody else has it open for himself: no mount, no swap, no array. */
int device_check_unused(const struct module_ctx *c, const char *path,
			struct error *err) MUST_CHECK;
/* The path as this process opens it without c->root, for libraries that take a path. */
const char *device_path(const struct module_ctx *c, const char *path);
