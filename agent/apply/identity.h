/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What makes a machine itself and is never in an image: machine-id and random seed, kept on state.
 */
#pragma once

#include <stddef.h>

#include "lib/attr.h"
#include "lib/error.h"

#define IDENTITY_MACHINE_ID "/etc/machine-id"
#define IDENTITY_SEED "/var/lib/rancher/random-seed"

/* 32 hexadecimal digits and a newline from 16 random bytes, marked as a version 4 UUID. Pure. */
void identity_format(const unsigned char *random16, char *ret34);
/* Make /etc/machine-id when there is no good one. */
int identity_machine_id(struct error *err) MUST_CHECK;
/* Mix the kept seed into the kernel's pool and replace it by a new one, so that none is
 * used twice. */
int identity_seed(struct error *err) MUST_CHECK;
