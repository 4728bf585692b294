/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asking somebody at a terminal for a passphrase.
 */
#pragma once

#include <stdint.h>

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/error.h"

/* Show `question` on the terminal and read a line, which is not shown, until deadline_ms
 * (clock_ms()). -ECANCELED: Ctrl-D, Ctrl-C or an empty line; -ETIMEDOUT: nobody answered;
 * -ENOTTY: it is no terminal. */
int passphrase_ask(const char *terminal, const char *question, int64_t deadline_ms,
		   struct buf *ret, struct error *err) MUST_CHECK;
