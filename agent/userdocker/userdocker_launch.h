/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What dockerd is started with: its configuration file, its command line, its environment. Made
 * anew before every start, since the owner may have mended something.
 */
#pragma once

#include "agent/userdocker/userdocker_flags.h"
#include "lib/attr.h"
#include "lib/doc/doc.h"
#include "lib/error.h"

#define USERDOCKER_LAUNCH_ENV 48

struct userdocker_launch {
	struct doc_pool *pool; /* what the words below lie in */
	const char *argv[USERDOCKER_EXTRA_MAX + 4];
	const char *env[USERDOCKER_LAUNCH_ENV];
};

/* Merge, write the file, fill in the words; mistakes in the configuration are told. What was there
 * stays as it was when this fails. */
int userdocker_launch_make(struct userdocker_launch *l, struct error *err) MUST_CHECK;
void userdocker_launch_done(struct userdocker_launch *l);
