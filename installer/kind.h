/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of installation types.
 */
#pragma once

#include "installer/install.h"
#include "lib/buf.h"

#define KIND_DEFAULT "generic"

/* NULL when there is no type of that name. */
const struct install_type *kind_find(const char *name);
/* "generic, syslinux, …": those that can be had. */
void kind_names(struct buf *out);
