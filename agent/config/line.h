/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel line as a layer of the configuration (RancherOS reference §4.1). Pure.
 *
 * `rancher.KEY=VALUE` and `cc.KEY=VALUE` set single keys; a key without "=" is true; names with
 * dots stand in double quotes. `cc: YAML end_cc` holds a piece of cloud-config, as cloud-init has
 * it: it may be URL-encoded, `\n` is a line end, there may be several. What stands behind ` -- ` is
 * for init as well, comes last, and is kept as EXTRA_CMDLINE. Words that say where user-data is
 * (ds=, ci.ds=, cloud-config-url=) are the datasources' to read.
 */
#pragma once

#include "lib/doc/doc.h"

#define LINE_SOURCE "/proc/cmdline"

/* The line's document; an empty map when it says nothing. Mistakes are messages. NULL only for
 * lack of memory. */
const struct doc_node *line_document(struct doc_pool *p, const char *text);
