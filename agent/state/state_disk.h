/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state disk: which one the configuration asks for, finding it (with a wait only where somebody
 * named it), checking and mounting it on /state. The decisions are pure, the acts small.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "agent/state/inventory.h"
#include "lib/attr.h"
#include "lib/doc/doc.h"
#include "lib/error.h"

#define STATE_DISK_MOUNT "/state"
#define STATE_DISK_DEFAULT "LABEL=RANCHER_STATE"
/* docker-machine's disk: taken wherever it is found, on the live ISO too. */
#define STATE_DISK_B2D "LABEL=B2D_STATE"
/* How long the disk may take to appear once all drivers are loaded; the second with
 * rancher.state.wait. One that nobody named is not waited for then. */
#define STATE_DISK_NAMED_MS 1500
#define STATE_DISK_WAIT_MS 10000

struct state_want {
	const char *dev;       /* NULL: none, stay in RAM */
	bool named; /* by the kernel line, OEM or user, not only by the built-in default */
	bool required;
	int wait_ms;
	const char *fstype;    /* "auto" */
	const char *directory; /* sub-directory that is used as the root of the state, or NULL */
	const struct doc_node *autoformat; /* list of devices, or NULL */
	bool keep_part, keep_fs; /* the partition, the file system does not grow */
};

/* What the merged configuration asks for; `builtin` is the source name of the built-in
 * layer. Pure. */
void state_disk_want(const struct doc_node *config, const char *builtin, struct state_want *ret);

/* Find it among inv, which was scanned (and is scanned again while waiting); when it is not there,
 * a fresh disk is formatted if the configuration or boot2docker's mark allows it, and `keys` gets
 * the SSH keys that boot2docker's disk brought. -ENODATA when there is none. */
int state_disk_find(const struct state_want *want, struct inventory *inv, struct buf *keys,
		    struct probe *ret, struct error *err) MUST_CHECK;

/* ext2/3/4: the superblock (1024 bytes, from offset 1024 of the disk) was not left clean, or the
 * kernel found errors. A journal to be replayed is the kernel's work. Pure. */
bool state_disk_needs_check(const uint8_t *superblock);

/* Check if need be and mount on /state, private; `directory` becomes what is seen there. */
int state_disk_mount(const struct state_want *want, const struct probe *disk, struct error *err)
	MUST_CHECK;
/* A tmpfs on /state instead. */
int state_disk_mount_ram(struct error *err) MUST_CHECK;
