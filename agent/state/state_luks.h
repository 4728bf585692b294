/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening encrypted disks before the state is looked for: with a key file, else with a passphrase
 * that is asked for on the console.
 */
#pragma once

#include "agent/state/inventory.h"
#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/doc/doc.h"
#include "lib/error.h"

/* Where ros-early puts /state.key of an initrd. */
#define STATE_LUKS_INITRD_KEY "/run/ros/state.key"

/* A key file: "LABEL=KEYS:/path" (or UUID=, PARTLABEL=, PARTUUID=, /dev/x) on a FAT or an ISO file
 * system. */
int state_luks_key(const struct inventory *inv, const char *where, struct buf *ret,
		   struct error *err) MUST_CHECK;
/* Open each LUKS device; rancher.state is the node. What cannot be opened is told, and stays
 * closed. `inv` may be looked at again. */
void state_luks_open(const struct doc_node *state, struct inventory *inv);
/* Name of the opened device: "luks-vda2" for /dev/vda2. Pure. */
void state_luks_name(const char *path, char *ret, size_t size);
