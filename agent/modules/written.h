/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the user's write_files mean for the files that the machine renders. `unwritten` names the
 * entries that gave no file, as module_ctx has it.
 */
#pragma once

#include <stdbool.h>

#include "lib/buf.h"
#include "lib/doc/doc.h"

/* An entry gave the machine's file of this path: it is the user's. */
bool written_is_users(const struct doc_node *config, const struct buf *unwritten, const char *path);
/* Add what entries with `append` add to the machine's file of this path, in their order. (Texts of
 * a server come when the network is up, by the module alone.) */
void written_additions(const struct doc_node *config, const struct buf *unwritten,
		       const char *path, struct buf *ret);
