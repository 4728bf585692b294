/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The large files of a slot: onto the boot partition, and read back from it. Both are held against
 * the manifest's hashes.
 */
#pragma once

#include <stdbool.h>

#include "installer/install.h"
#include "installer/progress.h"
#include "lib/attr.h"
#include "lib/disk/mtools.h"
#include "lib/error.h"

struct slotfile {
	struct mtools boot;
	int fd;     /* the disk, for writing */
	bool fresh; /* the file system was made a moment ago: its files are written in one run */
	const struct install_payload *payload;
	struct progress *progress;
};

/* Copy file `i` of the payload (enum install_file) to `path`. -EBADMSG: it is not what the manifest
 * says. */
int slotfile_copy(const struct slotfile *f, const char *path, int i, struct error *err) MUST_CHECK;
/* Read it back. -EIO: the disk has something else. */
int slotfile_check(const struct slotfile *f, const char *path, int i, struct error *err) MUST_CHECK;
