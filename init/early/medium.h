/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mounting what carries the system image, and the image itself.
 */
#pragma once

#include <stdbool.h>

#include "init/early/module.h"
#include "lib/attr.h"
#include "lib/disk/probe.h"
#include "lib/error.h"

#define MEDIUM_ROOT "/newroot"
#define MEDIUM_USR MEDIUM_ROOT "/usr"
#define MEDIUM_BOOT MEDIUM_ROOT "/boot"
/* Where the image lies on a medium that holds files. */
#define MEDIUM_IMAGE MEDIUM_BOOT "/ocicat/system.img"

/* Mount a file system read-only on MEDIUM_BOOT. */
int medium_mount(struct module_index *ix, const struct probe *p, struct error *err) MUST_CHECK;
void medium_unmount(void);
/* Mount a device that is an image on MEDIUM_USR. */
int medium_use_device(struct module_index *ix, const struct probe *p, struct error *err) MUST_CHECK;
/* Mount an image file on MEDIUM_USR; with `copy` from a copy in memory, so that the file can go. */
int medium_use_file(struct module_index *ix, const char *path, bool copy, struct error *err)
	MUST_CHECK;
/* Whether what is mounted on MEDIUM_USR is a system for the running kernel, and with `same_version`
 * of this initrd's version: a live ISO must not take up the system of the disk. Unmounts it when
 * not. */
int medium_check(bool same_version, struct error *err) MUST_CHECK;
