/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds the system image and mounts it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "lib/attr.h"
#include "lib/disk/probe.h"
#include "lib/error.h"

/* What a device may be to the search, best first. */
enum image_rank {
	IMAGE_ISO = 1, /* the live ISO, on a CD or a stick */
	IMAGE_BOOT,    /* a boot partition */
	IMAGE_RAW,     /* the image itself */
	IMAGE_NO = 99,
};

/* `wanted` is rancher.image= from the kernel line, or NULL. Pure. */
enum image_rank image_rank(const struct probe *p, const char *wanted);
/* Mount the image at /newroot/usr and its medium at /newroot/boot, and say where it was found, on
 * stdout and in /run/ros/image. Waits for devices to appear. */
int image_run(struct error *err) MUST_CHECK;
/* Where the image of a slot lies on the mounted boot partition; "" for NULL. False for what is no
 * plain name. Pure. */
bool image_slot_path(const char *slot, char *path, size_t size);
