/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rancher.password= of the kernel line: user rancher's password for as long as the line has it.
 */
#pragma once

#include "lib/attr.h"
#include "lib/error.h"

/* Below `root` (lib/file.h) the password is `word`, text or a hash of crypt(3). With NULL an
 * earlier line's is taken back: what it took the place of holds again, unless somebody set another
 * one since. */
int console_password(int root, const char *word, struct error *err) MUST_CHECK;
