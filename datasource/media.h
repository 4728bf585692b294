/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading files from a medium that nobody trusts: mounted read-only, without devices, programs and
 * symbolic links, and never attached to any directory, so that it is gone with its descriptor and
 * no container inherits it.
 */
#pragma once

#include "lib/attr.h"
#include "lib/disk/probe.h"
#include "lib/error.h"

/* *ret is the root directory of the medium, the caller's to close. */
int media_open(int root, const struct probe *p, int *ret, struct error *err) MUST_CHECK;
