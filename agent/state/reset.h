/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Factory reset: the state disk is emptied, but for what is to be kept, when it is mounted the next
 * time and nothing uses it yet. A reset that was cut goes on at the boot after.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/error.h"

/* On the state disk: the paths that are kept, one a line. It is removed when all else is. */
#define RESET_FILE "reset"
#define RESET_KEEP 32
#define RESET_PATH 256

struct reset {
	char keep[RESET_KEEP][RESET_PATH]; /* on the state disk: "home/rancher" */
	size_t n;
};

/* Keep what is at a path of the machine ("/home/rancher"). -EINVAL when that is not on the state
 * disk, -E2BIG when there are too many. */
int reset_keep(struct reset *r, const char *path, struct error *err) MUST_CHECK;
/* Ask for it: the next boot does it. */
int reset_request(int state, const struct reset *r, struct error *err) MUST_CHECK;
/* What the top of the state disk has: each path that goes, and each that is kept, one a line. */
int reset_preview(int state, const struct reset *r, struct buf *goes, struct buf *kept,
		  struct error *err) MUST_CHECK;
/* Do it if it was asked for; `state` is the mounted state disk. *ret_done: it was. */
int reset_apply(int state, bool *ret_done, struct error *err) MUST_CHECK;
