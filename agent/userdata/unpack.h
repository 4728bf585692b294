/* SPDX-License-Identifier: Apache-2.0 */
/*
 * User-data's bytes to the ordered list of its parts (datasource reference §2): gzip, base64,
 * MIME, archives, includes and templates are taken apart until only documents and scripts are left.
 *
 * Places: in a part that stands in the file as it is, lines are those of the file; in one that was
 * encoded they are its own, and the source ends in ":part-NNN". What was fetched is named by its
 * URL.
 */
#pragma once

#include "agent/userdata/part.h"

/* What is wrong with a part is a message of the pool, and costs that part. */
void unpack_all(const struct unpack_input *in, struct unpack_parts *ret);
/* "cloud-config", "script", …, as `ros config render` prints it. */
const char *unpack_type_name(enum unpack_type type);
