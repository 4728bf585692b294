/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a system image that came over the network is the one that this initrd was built for.
 */
#pragma once

#include "lib/attr.h"
#include "lib/error.h"

/* Compare the SHA-256 of a file with the one that is written (64 hexadecimal digits) in `sum`.
 * -EBADMSG when it is another, or when there is none to compare with. */
int verify_image(const char *path, const char *sum, struct error *err) MUST_CHECK;
