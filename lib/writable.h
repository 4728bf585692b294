/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file system that is mounted read-only, made writable for a moment: the boot partition, which
 * nobody should be able to damage by mistake, and no power cut.
 */
#pragma once

#include "lib/attr.h"
#include "lib/error.h"

struct writable {
	const char *path; /* NULL: it was writable anyway */
	unsigned long flags;
};

/* `path` is where it is mounted, and is borrowed until writable_end(). */
int writable_begin(const char *path, struct writable *ret, struct error *err) MUST_CHECK;
/* Read-only as before, with all that was written on the disk. */
int writable_end(struct writable *w, struct error *err) MUST_CHECK;
