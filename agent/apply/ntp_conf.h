/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The time servers of an /etc/ntp.conf, in which RancherOS' users give them (write_files for the
 * container ntp). chrony reads no such file; servers or pools of `ntp` go before it.
 */
#pragma once

#include "lib/doc/doc.h"

/* What stands behind `word` (server, pool) at the beginning of its lines: a list of texts, or
 * NULL. A clock of the machine's own (127.127.…) is no server, and the file of another container
 * none of the machine's. */
const struct doc_node *ntp_conf_names(struct doc_pool *p, const struct doc_node *config,
				      const char *word);
