/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The programs among the parts of user-data, kept on the state disk: scripts, which the console
 * runs before user Docker, and boothooks, which the agent runs at each boot before all else.
 *
 * Files are named NNN-NAME.WHEN, so that their order is that of the parts; WHEN is boot, instance
 * or once.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "agent/userdata/part.h"
#include "lib/attr.h"
#include "lib/error.h"

/* The one script of user-data that has no other (RancherOS' path), and several. */
#define SCRIPTS_ONE	   "/var/lib/rancher/conf/cloud-config-script"
#define SCRIPTS_DIR	   "/var/lib/rancher/conf/cloud-config-script.d"
#define SCRIPTS_VENDOR_DIR "/var/lib/rancher/conf/vendor-script.d"
#define SCRIPTS_HOOK_DIR   "/var/lib/rancher/conf/boothook.d"

#define SCRIPTS_NAME 96
struct scripts_names {
	size_t n;
	char name[UNPACK_PARTS_MAX][SCRIPTS_NAME]; /* in order */
};

/* Write the scripts and boothooks of both, and remove those of earlier boots. vendor may be NULL:
 * it has none. */
int scripts_keep(int root, const struct unpack_parts *user, const struct unpack_parts *vendor,
		 struct error *err) MUST_CHECK;
/* The files of one of the directories; none when it is not there. */
void scripts_list(int root, const char *dir, struct scripts_names *ret);
/* Whether a file is to run now, as the end of its name says. `instance` may be NULL. */
bool scripts_is_due(int root, const char *name, const char *instance);
/* It runs: one that runs but once is marked. */
int scripts_mark(int root, const char *name, const char *instance, struct error *err) MUST_CHECK;
