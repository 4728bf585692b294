/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a machine's metadata and user-data come from. A driver is one file and one row in
 * registry.c; it says from facts alone (struct machine) whether its source is here, and fetches raw
 * bytes, which are cached before anyone parses them.
 *
 * Drivers so far: nocloud. The clouds are rows to come; they need the HTTP client of lib/http.
 */
#pragma once

#include "datasource/machine.h"
#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/error.h"

/* No file of a source may be larger. */
#define DATASOURCE_FILE_MAX (16u << 20)
#define DATASOURCE_REASON 192

enum datasource_match { DATASOURCE_NO, DATASOURCE_MAYBE, DATASOURCE_YES };

/* The files of a payload, by their NoCloud names; every source is brought into this form. */
enum datasource_part {
	DATASOURCE_META_DATA,
	DATASOURCE_USER_DATA,
	DATASOURCE_VENDOR_DATA,
	DATASOURCE_NETWORK_CONFIG,
	DATASOURCE_N_PARTS
};

struct datasource_payload {
	char source[32];               /* the driver's name: "nocloud" */
	char where[DATASOURCE_REASON]; /* "/dev/sr0 (iso9660, label cidata)" */
	struct buf part[DATASOURCE_N_PARTS];
	bool has[DATASOURCE_N_PARTS];  /* an absent part is not the same as an empty one */
};

struct datasource {
	const char *name;
	/* Looks at facts only, never at the network. `reason` gets a clause that says why. */
	enum datasource_match (*detect)(const struct machine *m, char *reason, size_t size);
	/* -ENODATA: not here after all; any other failure: here, but broken. */
	int (*fetch)(const struct machine *m, struct datasource_payload *ret, struct error *err);
};

extern const struct datasource *const datasource_all[]; /* in order of priority; NULL-terminated */
extern const struct datasource datasource_nocloud;

/* "meta-data", "user-data", … */
const char *datasource_part_name(enum datasource_part part);
void datasource_payload_done(struct datasource_payload *p);
#define AUTO_PAYLOAD CLEANUP(datasource_payload_done)
