/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The facts by which datasources are told apart, gathered once, below a root: kernel line, DMI
 * strings, labelled media. Nothing here asks the network.
 */
#pragma once

#include <stdbool.h>

#include "lib/attr.h"
#include "lib/cmdline.h"
#include "lib/disk/probe.h"
#include "lib/error.h"

#define MACHINE_MEDIA_MAX 32

struct machine {
	int root;
	char product_uuid[64]; /* "" when there is none, or one that many machines share */
	char product_serial[128];
	struct cmdline cmdline;
	struct probe media[MACHINE_MEDIA_MAX]; /* labelled iso9660, vfat and udf */
	size_t n_media;
};

/* What cannot be read is left empty: a missing fact is a fact. */
void machine_load(struct machine *m, int root);
/* An id that is all zeros, all ones, or a vendor's placeholder identifies nothing. Pure. */
bool machine_is_unique_id(const char *uuid);
