/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The block devices that are there, probed once, and looking among them for what a configuration
 * names. (probe_find() reads every device for each question.)
 */
#pragma once

#include "lib/attr.h"
#include "lib/disk/probe.h"
#include "lib/error.h"

#define INVENTORY_MAX 128

struct inventory {
	struct probe devices[INVENTORY_MAX];
	size_t n;
};

int inventory_scan(struct inventory *inv, int root, struct error *err) MUST_CHECK;
/* By LABEL=, UUID=, PARTLABEL=, PARTUUID= or /dev/x; NULL when there is none. UUIDs compare without
 * regard to case, labels exactly. A device that holds no file system (a RAID member, LUKS) is never
 * taken for its label. */
const struct probe *inventory_find(const struct inventory *inv, const char *spec);
