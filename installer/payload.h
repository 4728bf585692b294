/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is installed: kernel, initrd and system image, found on the medium that this system runs
 * from, in memory, in a slot of an installed disk, or in a folder that the user names.
 */
#pragma once

#include "installer/install.h"
#include "lib/attr.h"
#include "lib/error.h"

/* Find and open the three, and look whether each is what it should be. `folder` (or NULL) is the
 * caller's own, not below root. -ENODATA when one is nowhere: the message says where it was looked
 * for. */
int payload_find(int root, const char *folder, struct install_payload *ret,
		 struct error *err) MUST_CHECK;
/* Bytes that a slot takes on the disk. */
uint64_t payload_size(const struct install_payload *p);
/* Give the slot its name, by the manifest. A payload without one is hashed, and gets one. */
int payload_seal(struct install_payload *p, struct error *err) MUST_CHECK;
void payload_close(struct install_payload *p);
