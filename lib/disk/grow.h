/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Growing a partition to the end of its disk, and a file system to the end of its device. Looking
 * costs a few reads of sysfs and one of the device; libparted is only loaded when there is
 * something to do.
 */
#pragma once

#include <stdbool.h>

#include "lib/attr.h"
#include "lib/error.h"

/* `path` is a device ("/dev/vda2"). Nothing is done to what is no partition, is not the last one of
 * its disk, or has no room behind it. *ret_grown says whether it grew; it may be in use. */
int grow_partition(const char *path, bool *ret_grown, struct error *err) MUST_CHECK;
/* ext4 (ext2, ext3) on a device (or, not mounted, in a plain file), mounted or not; one that is not
 * mounted is checked first. Other types are left alone. */
int grow_filesystem(const char *path, const char *type, bool mounted, bool *ret_grown,
		    struct error *err) MUST_CHECK;
