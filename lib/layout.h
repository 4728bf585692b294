/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where everything lives: the one table of what `/` consists of. It serves the state step of the
 * boot, `ros persist why` and `ros reset`.
 */
#pragma once

#include <sys/types.h>

enum layout_kind {
	LAYOUT_STATE,   /* a directory of the state disk, bound onto path: kept */
	LAYOUT_OVERLAY, /* the image's directory below, the state's `source` above: changes kept */
	LAYOUT_TMPFS,   /* a tmpfs of its own: gone at power off */
	LAYOUT_LINK,    /* a symbolic link in the root tmpfs to `source` */
	LAYOUT_IMAGE,   /* read-only, from the system image */
};

struct layout_row {
	const char *path;
	enum layout_kind kind;
	const char *source; /* LAYOUT_STATE: path on the state; LAYOUT_LINK: target; or options */
	mode_t mode;
	const char *why; /* one sentence for `ros persist why` */
};

extern const struct layout_row layout_all[];
extern const size_t layout_n;

/* The row that decides about an absolute path: the longest prefix; never NULL ("/" is a row). */
const struct layout_row *layout_find(const char *path);
