/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The descriptors of the modules, each in the file that is named after it. Their order is in
 * rows.c.
 */
#pragma once

#include "agent/modules/module.h"

extern const struct module *const rows_all[]; /* NULL-terminated */

extern const struct module module_accounts, module_bootcmd, module_boothook, module_ca_certs,
	module_chpasswd,
	module_etc_hosts, module_final_message, module_groups, module_hostname, module_locale,
	module_modules, module_mounts, module_mounts_remote, module_phone_home, module_power_state,
	module_random_seed, module_rsyslog, module_runcmd, module_ssh_authorized_keys,
	module_ssh_keys, module_sudo, module_swap, module_sysctl, module_timezone, module_users,
	module_write_files, module_write_files_deferred, module_write_files_late;
