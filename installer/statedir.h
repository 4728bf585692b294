/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The directory of a state partition that is the machine's state (rancher.state.directory). Pure.
 */
#pragma once

#include "installer/install.h"
#include "lib/attr.h"
#include "lib/error.h"

/* The directory as everybody writes it: no slash at either end, one between two names; "" is the
 * partition itself. -EINVAL: it has no place on a kernel line, or leads elsewhere. */
int statedir_clean(const char *from, char ret[INSTALL_STATEDIR], struct error *err) MUST_CHECK;
