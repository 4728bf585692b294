/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of write_files for a system container other than console and docker: the agent laid them
 * below CONTAINER_FILES_DIR/NAME; they are put into the container before it starts, as `docker cp`
 * does it, so that its image needs nothing of ours.
 */
#pragma once

#include "agent/engine/engine.h"
#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/error.h"

#define CONTAINER_FILES_DIR "/run/ros/files"

/* The tree below `dir` as a tar (ustar), with owners and modes; symbolic links are left out. -E2BIG
 * beyond the buffer's limit, -ENAMETOOLONG. */
int container_files_tar(int root, const char *dir, struct buf *tar, struct error *err) MUST_CHECK;
/* Nothing to do when there are none for this service. */
int container_files_put(struct engine *e, const char *service, const char *id, struct error *err)
	MUST_CHECK;
