/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hashes that stand in /etc/shadow.
 */
#pragma once

#include <stdbool.h>

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/error.h"

/* The hash of a password (yescrypt), as crypt(3) makes it. */
int shadow_hash(const char *password, struct buf *out, struct error *err) MUST_CHECK;
/* Whether `hash` is the hash of this password. */
bool shadow_matches(const char *password, const char *hash);
