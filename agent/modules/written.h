/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the user's write_files mean for the files that the machine makes as a whole. `unwritten`
 * names the entries that gave no file, as module_ctx has it; NULL: all gave theirs.
 */
#pragma once

#include <stdbool.h>

#include "agent/modules/module.h"
#include "lib/buf.h"
#include "lib/doc/doc.h"

/* An entry gave the machine's file of this path: it is the user's. */
bool written_is_users(const struct doc_node *config, const struct buf *unwritten, const char *path);
/* Add what entries with `append` add to the machine's file of this path, in their order. (Texts of
 * a server come when the network is up, by the module alone.) */
void written_additions(const struct doc_node *config, const struct buf *unwritten,
		       const char *path, struct buf *ret);
/* module_write() of what a module makes of the configuration, with what write_files adds behind it.
 * A file that write_files gives is left alone; `message` says so. */
enum module_result written_publish(const struct module_ctx *c, const char *path, struct buf *text,
				   mode_t mode, struct buf *message);
