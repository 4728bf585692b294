/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a supervised child did, in the journal; and the files that its output goes to.
 */
#pragma once

#include "lib/attr.h"
#include "lib/error.h"
#include "lib/supervise.h"

/* To be called from supervise_ops.changed. */
void daemonlog_changed(const struct supervise_child *c, enum supervise_state from);
/* Open a log for appending; its directory is made. The descriptor is the caller's. */
int daemonlog_open(const char *path, int *ret_fd, struct error *err) MUST_CHECK;
/* The last line of a log that is not empty, cut to fit; "" when there is none. */
void daemonlog_last_line(const char *path, char *ret, size_t size);
