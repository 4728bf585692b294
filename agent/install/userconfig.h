/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cloud-config that is put on an installed disk: read from a file or a URL, and checked before
 * anything is written.
 */
#pragma once

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/doc/doc.h"
#include "lib/error.h"

/* Read it. A reply whose status is not 200 is no configuration: -EBADMSG. `where` is the caller's
 * own: not taken below a root. */
int userconfig_read(const char *where, struct buf *ret, struct error *err) MUST_CHECK;
/* Look for mistakes, which become messages of the pool; -EBADMSG when it must not be used. */
int userconfig_check(struct doc_pool *p, const char *where, const struct buf *text,
		     struct error *err) MUST_CHECK;
