/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Removing a file below a root.
 */
#pragma once

#include <stdbool.h>

#include "lib/attr.h"
#include "lib/error.h"

/* Unlink a file (a symbolic link itself, never what it points to). That there is none is no
 * failure; *removed (may be NULL) says whether there was one. */
int file_remove(int root, const char *path, bool *removed, struct error *err) MUST_CHECK;
