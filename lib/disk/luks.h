/* SPDX-License-Identifier: Apache-2.0 */
/*
 * LUKS2 by the program cryptsetup, which gets keys on its standard input alone. There may be no
 * udev: device mapper makes its nodes itself.
 */
#pragma once

#include <stddef.h>

#include "lib/attr.h"
#include "lib/error.h"

/* A passphrase without its newline, or what a key file holds. */
struct luks_key {
	const char *data;
	size_t len;
};

#define LUKS_KEY_MAX 8192
#define LUKS_MAPPER  "/dev/mapper/"

/* Make a fresh LUKS2 container of a device. Opening it takes 64 MiB of memory. */
int luks_format(const char *device, const struct luks_key *key, struct error *err) MUST_CHECK;
/* Open it as LUKS_MAPPER NAME. -EACCES: it is another key. */
int luks_open(const char *device, const char *name, const struct luks_key *key,
	      struct error *err) MUST_CHECK;
int luks_close(const char *name, struct error *err) MUST_CHECK;
