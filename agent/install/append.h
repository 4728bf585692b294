/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words of `ros install --append`.
 */
#pragma once

#include "lib/attr.h"
#include "lib/error.h"

/* Those of this system are held against the same table as a cloud-config; what is said of them goes
 * to stderr. -EBADMSG: there are mistakes. NULL has none. */
int append_check(const char *words, struct error *err) MUST_CHECK;
