/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file of the boot partition as the disk has it: read past the kernel's memory, where the disk
 * allows that.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/disk/mtools.h"
#include "lib/error.h"

/* Pass the bytes of a file to boot->seen, in their order. -EIO when it has not `size` bytes. */
int readback_file(const struct mtools *boot, const char *file, uint64_t size,
		  struct error *err) MUST_CHECK;
