/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the initrd to the real root. /newroot is a tmpfs from the start (pivot_root does not work on
 * the initrd's file system, and container runtimes want a mounted root); ros-early mounts the
 * system image at /newroot/usr.
 */
#pragma once

#include "lib/attr.h"
#include "lib/error.h"

#define SWITCHROOT_NEW "/newroot"
/* A shell that still works when the system image cannot be read any more. */
#define SWITCHROOT_BUSYBOX "/run/ros/recovery/busybox"

/* Mount the new root's tmpfs, with the directories that the image step mounts on. */
int switchroot_prepare(struct error *err) MUST_CHECK;
/* Lay out links and mount points, move the API file systems, make it the root, share its mounts.
 * Nothing is changed when the first checks fail. */
int switchroot_go(struct error *err) MUST_CHECK;
/* Free the initrd's memory, once nobody needs its files any more. */
void switchroot_free(void);
