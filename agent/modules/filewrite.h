/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One file of write_files on its way to where it belongs.
 *
 * Files for the console and for docker are the machine's own, and so are files in /etc for the
 * system's thin containers, which see the machine's /etc. Those for another container are laid
 * below CONTAINER_FILES_DIR/NAME and put into it before it starts (agent/engine/container_files.h).
 */
#pragma once

#include "agent/engine/container_files.h"
#include "agent/modules/filespec.h"
#include "agent/modules/module.h"
#include "lib/attr.h"
#include "lib/error.h"

/* -ENOENT when there is no such user or group (yet). */
int filewrite_owner(const struct module_ctx *c, const struct filespec *f, uid_t *uid, gid_t *gid,
		    struct error *err) MUST_CHECK;
int filewrite_do(const struct module_ctx *c, struct filespec *f, bool *changed,
		 struct error *err) MUST_CHECK;
