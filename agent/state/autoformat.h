/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rancher.state.autoformat: the first listed disk that is blank, or that carries boot2docker's
 * mark, gets a file system over the whole disk. A disk with anything else on it is never touched.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/doc/doc.h"
#include "lib/error.h"

/* This much of a blank disk is zero. */
#define AUTOFORMAT_HEAD (1u << 20)
/* docker-machine's disk starts with a tar archive of at most this size. */
#define AUTOFORMAT_TAR 8192

enum autoformat_disk { AUTOFORMAT_USED, AUTOFORMAT_BLANK, AUTOFORMAT_B2D };

/* What the first `len` bytes of a disk say. Pure. */
enum autoformat_disk autoformat_look(const char *head, size_t len);
/* The SSH keys (lines of .ssh/authorized_keys) in boot2docker's tar. Pure. */
void autoformat_tar_keys(const char *tar, size_t len, struct buf *keys);
/* cloud-config for such a machine: its keys, DHCP on the first two interfaces. Pure. */
void autoformat_machine_config(const char *keys, struct buf *out);

/* Look at /dev/sda and /dev/vda for boot2docker's mark; *ret is the path, or NULL. */
const char *autoformat_b2d_disk(void);
/* Format the first suitable disk of `disks` (strings). *ret_path (in the pool's memory) is NULL
 * when there was none; `keys` gets what boot2docker's tar brought. -ENODATA when one could not be
 * looked at (busy, or without a medium) and no other was suitable: none was written to. */
int autoformat_run(const struct doc_node *disks, const char **ret_path, struct buf *keys,
		   struct error *err) MUST_CHECK;
int autoformat_one(const char *path, bool *ret_done, struct buf *keys,
		   struct error *err) MUST_CHECK;
