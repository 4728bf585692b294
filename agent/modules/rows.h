/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The descriptors of the modules, each in the file that is named after it. Their order is in
 * rows.c.
 */
#pragma once

#include "agent/modules/module.h"

extern const struct module *const rows_all[]; /* NULL-terminated */

extern const struct module module_accounts, module_chpasswd, module_groups, module_hostname,
	module_modules, module_runcmd, module_ssh_authorized_keys, module_ssh_keys, module_sudo,
	module_sysctl, module_pending, module_users, module_write_files;
