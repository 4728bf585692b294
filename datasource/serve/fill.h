/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Documents as rows of data: texts in which ${NAME} stands for something of the folder.
 *
 *   ${KEY}              a scalar of the metadata
 *   ${id:number}        the instance id as a number, ${id:uuid} as a UUID
 *   ${zone:gce}         projects/1/zones/ZONE
 *   ${keys:list} ${keys:map} ${keys:openstack} ${keys:azure}   SSH keys as JSON
 *   ${keys:gce}         lines of user:key
 *   ${key:N}            the N-th key
 *   ${file:meta-data} ${file:network-config}                   the files as they are
 *   ${user-data} ${vendor-data} ${user-data:base64} ${vendor-data:base64}
 *
 * In a JSON document texts become string literals, quotes and all, and what is not there null.
 */
#pragma once

#include <stdbool.h>

#include "datasource/serve/folder.h"

/* Append `text` with its places filled. In plain text false means that something is not there: then
 * the document is not there either, and `out` is to be thrown away. */
bool serve_fill(const struct serve_folder *f, const char *text, bool json, struct buf *out);
