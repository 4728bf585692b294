/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The modules in their order. To add one: a file with its descriptor, and its row here.
 */
#include "agent/modules/rows.h"

/* cloud-init's order, where nothing speaks against it. */
const struct module *const rows_all[] = {
	&module_boothook,
	&module_random_seed,
	&module_bootcmd,
	&module_write_files,
	&module_mounts,
	&module_swap,
	&module_hostname,
	&module_etc_hosts,
	&module_ca_certs,
	&module_rsyslog,
	&module_accounts,
	&module_groups,
	&module_users,
	&module_sudo,
	&module_ssh_keys,
	&module_ssh_authorized_keys,
	&module_chpasswd,
	&module_write_files_deferred,
	&module_locale,
	&module_timezone,
	&module_sysctl,
	&module_modules,
	&module_runcmd,
	&module_mounts_remote,
	&module_write_files_late,
	&module_phone_home,
	&module_final_message,
	&module_power_state,
	NULL,
};
