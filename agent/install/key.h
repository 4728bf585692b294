/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the state of a disk that is being installed is encrypted with.
 */
#pragma once

#include <stdbool.h>

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/error.h"

/* Whether a key file is named by where a machine finds it (LABEL=KEYS:/path), and not as a file of
 * this one. Pure. */
bool install_key_is_portable(const char *where);
/* Its content. The caller wipes `ret`. */
int install_key_read(const char *where, struct buf *ret, struct error *err) MUST_CHECK;
/* A passphrase, typed twice at this terminal. */
int install_key_ask(struct buf *ret, struct error *err) MUST_CHECK;
