/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When an entry of write_files is written: at once, when users are there, or when the network is.
 */
#pragma once

#include "agent/modules/module.h"
#include "agent/modules/userspec.h"
#include "agent/userdata/filespec.h"

/* In their order. */
enum filepass { FILEPASS_NOW, FILEPASS_DEFERRED, FILEPASS_LATE };

struct filepass_ctx {
	const struct module_ctx *c;
	enum filepass pass;           /* that runs just now */
	const struct userspec *users; /* those that the configuration makes */
	size_t n_users;
};

/* What the entry itself waits for. It is the same in every pass, and at every boot. */
enum filepass filepass_of(const struct filepass_ctx *w, const struct filespec *f);
