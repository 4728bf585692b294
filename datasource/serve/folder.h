/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The folder that a metadata server shows: NoCloud's files, read anew for each request so that a
 * change counts at once.
 *
 *   meta-data         YAML or JSON: instance-id, local-hostname, public-keys, region,
 *                     availability-zone, instance-type, local-ipv4, public-ipv4, mac, and any other
 *   user-data, vendor-data, network-config
 *   http/…            files that are served as they are, under their own path, before all else
 */
#pragma once

#include <stdbool.h>

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/doc/doc.h"
#include "lib/error.h"

#define SERVE_FILE_MAX (16u << 20)

enum serve_part {
	SERVE_META_DATA,
	SERVE_USER_DATA,
	SERVE_VENDOR_DATA,
	SERVE_NETWORK_CONFIG,
	SERVE_N_PARTS
};

struct serve_folder {
	struct doc_pool *pool;
	const struct doc_node *meta; /* a map, or NULL */
	const struct doc_node *keys; /* a list of lines, never NULL */
	struct buf part[SERVE_N_PARTS];
	bool has[SERVE_N_PARTS];
};

/* `dir` is a directory's descriptor. */
int serve_folder_load(int dir, struct serve_folder *ret, struct error *err) MUST_CHECK;
void serve_folder_done(struct serve_folder *f);
#define AUTO_SERVE_FOLDER CLEANUP(serve_folder_done)
/* A scalar of the metadata; the usual ones have a value also when nobody gave one. NULL for none.
 */
const char *serve_folder_value(const struct serve_folder *f, const char *key, size_t len);
/* Read dir/http/PATH; -ENOENT when there is no such file. */
int serve_folder_overlay(int dir, const char *path, struct buf *ret, struct error *err) MUST_CHECK;
