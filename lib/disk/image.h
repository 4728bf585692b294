/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the readers of file system images share: bounded reads at an offset, the components of a
 * path, numbers in little-endian order. Users of images want lib/disk/fsimage.h.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/error.h"

/* No directory of a seed is larger, and none lies deeper. */
#define IMAGE_DIR_MAX (1u << 20)
#define IMAGE_DEPTH   8

/* One component of a path, and what is behind it. */
struct image_name {
	const char *text;
	size_t len;
	const char *rest; /* NULL when this is the last one */
};
/* The first component of path; false when there is none. */
bool image_split(const char *path, struct image_name *ret);
/* Exactly len bytes from `at`; -EBADMSG when the image ends before. */
int image_pread(int fd, uint64_t at, void *to, size_t len, struct error *err) MUST_CHECK;
/* Append len bytes from `at` to b. */
int image_copy(int fd, uint64_t at, size_t len, struct buf *b, struct error *err) MUST_CHECK;

static inline uint16_t image_le16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t image_le32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}
