/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Paths as people write them, compared by the file that they name. Pure: no link is looked at.
 */
#pragma once

#include <limits.h>
#include <stdbool.h>

/* An absolute path without "." and empty elements; ".." takes the element before it, and "/" is "".
 * False when it is not absolute, or too long. */
bool file_path_normal(const char *path, char ret[PATH_MAX]);
/* Both name the same file. A text that file_path_normal() refuses, or that ends in "/", names none.
 */
bool file_path_same(const char *a, const char *b);
