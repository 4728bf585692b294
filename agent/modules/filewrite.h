/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One file of write_files on its way to where it belongs.
 *
 * Files for the console and for docker are the machine's own, and so are files in /etc for the
 * system's thin containers, which see the machine's /etc. Those for another container are laid
 * below CONTAINER_FILES_DIR/NAME and put into it before it starts (agent/engine/container_files.h).
 * Directories that are missing become the file's owner's, as with cloud-init.
 */
#pragma once

#include "agent/engine/container_files.h"
#include "agent/modules/module.h"
#include "agent/userdata/filespec.h"
#include "lib/attr.h"
#include "lib/error.h"

/* A file for this container is written where it says; false: it is handed over to the container.
 * Pure. */
bool filewrite_is_machines(const struct doc_node *config, const char *container, const char *path);
/* -ENOENT when there is no such user or group (yet). */
int filewrite_owner(const struct module_ctx *c, const struct filespec *f, uid_t *uid, gid_t *gid,
		    struct error *err) MUST_CHECK;
/* Written anew at each boot, also where users own the directories: their links are refused. */
int filewrite_do(const struct module_ctx *c, struct filespec *f, bool *changed,
		 struct error *err) MUST_CHECK;
