/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The large files of a slot: onto the boot partition, and read back from it. What is written is
 * held against the manifest's hashes; what is read back is compared with what was written by a
 * checksum, which finds what a broken disk does in a tenth of the hash's time.
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
	uint32_t crc[INSTALL_N_FILES]; /* of what was written */
};

/* Copy file `i` of the payload (enum install_file) to `path`, unless it is there already. -EBADMSG:
 * it is not what the manifest says. */
int slotfile_copy(struct slotfile *f, const char *path, int i, struct error *err) MUST_CHECK;
/* Read back what slotfile_copy() wrote. -EIO: the disk has something else. */
int slotfile_check(const struct slotfile *f, const char *path, int i, struct error *err) MUST_CHECK;
