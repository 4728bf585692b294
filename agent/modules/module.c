/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The modules in their order. To add one: a file with its descriptor, and its row here.
 * (Frequencies other than "every boot" become a column of the row.)
 */
#include <unistd.h>

#include "agent/modules/module.h"

const struct module *const module_all[] = {
	&module_hostname,
	&module_ssh_authorized_keys,
	&module_write_files,
	&module_sysctl,
	&module_modules,
	&module_runcmd,
	&module_pending,
	NULL,
};

static const char *const result_names[MODULE_N_RESULTS] = {
	[MODULE_UNCHANGED] = "unchanged",
	[MODULE_CHANGED] = "changed",
	[MODULE_SKIPPED] = "skipped",
	[MODULE_FAILED] = "failed",
};

const char *module_result_name(enum module_result r)
{
	return result_names[r];
}

enum module_result module_worse(enum module_result a, enum module_result b)
{
	static const int gravity[MODULE_N_RESULTS] = {
		[MODULE_SKIPPED] = 0,
		[MODULE_UNCHANGED] = 1,
		[MODULE_CHANGED] = 2,
		[MODULE_FAILED] = 3,
	};

	return gravity[a] >= gravity[b] ? a : b;
}

struct file_attr module_attr(const struct module_ctx *c, mode_t mode, uid_t uid, gid_t gid)
{
	return (struct file_attr){ .mode = mode,
				   .uid = c->privileged ? uid : geteuid(),
				   .gid = c->privileged ? gid : getegid(),
				   .relaxed = true };
}
