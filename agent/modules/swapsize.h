/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How large a swap file is to be. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define SWAPSIZE_AUTO UINT64_MAX

struct swapsize {
	uint64_t size;	 /* bytes, or SWAPSIZE_AUTO */
	uint64_t max;	 /* of an automatic one; 0: as the disk allows */
	uint64_t memory; /* of the machine */
	uint64_t free;	 /* on the disk */
};

/* "auto", "0", "1073741824", "512M", "2G", "1.5GiB"; false for anything else. */
bool swapsize_parse(const char *text, uint64_t *ret);
/* cloud-init's table: up to 4 GiB of memory as much again, then 4 GiB, from 16 GiB on about its
 * root; never more than a quarter of the free space when nobody named a size. 0: none. */
uint64_t swapsize_choose(const struct swapsize *s);
