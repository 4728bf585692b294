/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Setting a user's password in /etc/shadow.
 */
#pragma once

#include <stdbool.h>

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/error.h"

/* The text of a shadow file with `user`'s hash replaced and "last changed" blanked, so that no age
 * rule applies. -ENODATA when there is no such user, -EINVAL for a hash that would break the file.
 */
int shadow_replace(const char *text, const char *user, const char *hash, struct buf *out,
		   struct error *err) MUST_CHECK;
/* A password as text, or as a hash that begins with '$'. */
int shadow_set_password(const char *user, const char *password, struct error *err) MUST_CHECK;
/* The hash of a password (yescrypt), as crypt(3) makes it. */
int shadow_hash(const char *password, struct buf *out, struct error *err) MUST_CHECK;
/* Whether `hash` is the hash of this password. */
bool shadow_matches(const char *password, const char *hash);
