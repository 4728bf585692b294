/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line of `ros install`: RancherOS' flags (rancheros.md §2.4), and ours.
 */
#pragma once

#include <limits.h>
#include <stdbool.h>

#include "agent/command.h"
#include "agent/install/saveimages.h"
#include "installer/install.h"
#include "lib/attr.h"
#include "lib/error.h"

struct install_options {
	struct install_request request;
	const char *config, *image, *kind, *key_file;
	struct luks_key key;
	bool encrypt;
	struct saveimages saved;
	struct install_images images;
	char device[PATH_MAX], partition[PATH_MAX], statedir[INSTALL_STATEDIR];
	bool dry_run, json, save, rollback;
};

/* What can be refused by the words alone is. `o` begins zeroed, and points into argv. */
int install_options_parse(const struct env *env, int argc, char **argv, struct install_options *o,
			  struct error *err) MUST_CHECK;
