/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which disk an unattended installation goes to: one by name, or by a rule. Two that fit are none.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/doc/doc.h"
#include "lib/error.h"

#define CHOOSE_DISKS 64

struct choose_disk {
	char path[64]; /* "/dev/vda" */
	char model[64];
	char id[128]; /* serial number or world-wide name */
	uint64_t size;
	bool in_use, read_only;
};

enum choose_pick { CHOOSE_ONLY, CHOOSE_SMALLEST, CHOOSE_LARGEST };

struct choose_rule {
	const char *device;          /* a path; the rest counts when it is NULL */
	const char *id, *model;      /* with * and ?; NULL: any */
	uint64_t min_size, max_size; /* bytes; 0: any */
	enum choose_pick pick;
};

/* rancher.install as it was written: a device, "auto", or a map with device or match. */
int choose_rule_read(const struct doc_node *install, struct choose_rule *ret,
		     struct error *err) MUST_CHECK;
/* The disk that the rule means. -ENODATA when there is none, -ECANCELED when several fit. Pure. */
int choose_disk(const struct choose_rule *rule, const struct choose_disk *disks, size_t n,
		const struct choose_disk **ret, struct error *err) MUST_CHECK;
/* Whole disks of the machine, in order of their names; what was loaded into memory, CD drives,
 * mappings above other disks and an eMMC's boot parts are none. Returns how many. */
size_t choose_list(int root, struct choose_disk disks[CHOOSE_DISKS]);
/* The same, of the machine's disks, which are listed in `disks`. One that the rule means may still
 * be on its way: the kernel's messages about devices are waited for, for wait_ms at
 * most. */
int choose_await(const struct choose_rule *rule, int wait_ms,
		 struct choose_disk disks[CHOOSE_DISKS], const struct choose_disk **ret,
		 struct error *err) MUST_CHECK;
