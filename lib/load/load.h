/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening a library on first use, so that a `ros` process which needs nothing of it does not map
 * it. The owners of libcurl, libcrypto and libparted look their functions up with this.
 */
#pragma once

#include <stddef.h>

#include "lib/attr.h"
#include "lib/error.h"

struct load_row {
	const char *symbol;
	void *member; /* where the pointer to the function is put */
};

/* Open `library` and look up n symbols; -ELIBACC, with the linker's words, when one is not there.
 * The library stays open. */
int load_functions(const char *library, const struct load_row *rows, size_t n, struct error *err)
	MUST_CHECK;
