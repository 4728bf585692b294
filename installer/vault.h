/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The encrypted container of a state partition that does not exist yet: a loop device at its place
 * of the disk, LUKS on it, and the opened device that a file system is made on.
 */
#pragma once

#include <stdint.h>

#include "lib/attr.h"
#include "lib/disk/luks.h"
#include "lib/disk/mkfs.h"
#include "lib/error.h"

struct vault {
	char loop[64]; /* "": there is none */
	char name[48]; /* below LUKS_MAPPER; "": it is closed */
	char path[96]; /* of the opened device */
	uint64_t size;
};

/* Whether this machine and this user can make one. */
int vault_check(struct error *err) MUST_CHECK;
/* Make and open it; the caller calls vault_close() whatever is returned. Needs root. */
int vault_make(const struct mkfs_place *at, const struct luks_key *key, struct vault *ret,
	       struct error *err) MUST_CHECK;
/* All that was written is on its way to the disk, and both devices are gone. Does nothing to what
 * is closed. */
int vault_close(struct vault *v, struct error *err) MUST_CHECK;
