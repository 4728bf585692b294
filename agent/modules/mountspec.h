/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is to be mounted: `mounts` and `mount_default_fields` in cloud-init's and RancherOS' forms,
 * and the lines of fstab(5) that say the same. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/doc/doc.h"

#define MOUNTSPEC_MAX 256

enum mountspec_field {
	MOUNTSPEC_DEVICE, /* "/dev/vdb", "LABEL=DATA", "host:/path", "tmpfs", a directory */
	MOUNTSPEC_DIR,	  /* absolute, or "none" for swap */
	MOUNTSPEC_TYPE,
	MOUNTSPEC_OPTIONS,
	MOUNTSPEC_DUMP,
	MOUNTSPEC_PASS,
	MOUNTSPEC_FIELDS
};

struct mountspec {
	struct doc_origin origin;
	const char *field[MOUNTSPEC_FIELDS];
};

/* Fill ret (MOUNTSPEC_MAX entries); mistakes are messages of the pool and left out, *ret_bad counts
 * them. An entry whose directory is null takes an earlier one of the same device away. */
size_t mountspec_list(struct doc_pool *p, const struct doc_node *config, struct mountspec *ret,
		      size_t *ret_bad);
/* sda1 → /dev/sda1, an alias of device_aliases → what it stands for; anything else as it is. */
const char *mountspec_device(struct doc_pool *p, const struct doc_node *config, const char *name);
bool mountspec_has_option(const struct mountspec *m, const char *name);
bool mountspec_is_swap(const struct mountspec *m);
/* It needs the network: by its type, or by _netdev. */
bool mountspec_is_remote(const struct mountspec *m);
/* An fstab with the lines of before that are not ours, and ours behind them. */
void mountspec_fstab(const char *before, const struct mountspec *all, size_t n, struct buf *out);
