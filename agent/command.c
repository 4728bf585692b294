/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of commands, in the order in which help prints them. A new command is one file and one
 * line here.
 */
#include "agent/command.h"

#include <stddef.h>

#define COMMANDS(X)               \
	X(agent)                  \
	X(config_diff)            \
	X(config_explain)         \
	X(config_export)          \
	X(config_get)             \
	X(config_images)          \
	X(config_merge)           \
	X(config_render)          \
	X(config_schema)          \
	X(config_set)             \
	X(config_syslinux)        \
	X(config_validate)        \
	X(datasource_list)        \
	X(datasource_fetch)       \
	X(datasource_show)        \
	X(datasource_serve)       \
	X(network_apply)          \
	X(network_check)          \
	X(network_confirm)        \
	X(network_diff)           \
	X(network_render)         \
	X(network_show)           \
	X(service_create)         \
	X(service_delete)         \
	X(service_disable)        \
	X(service_enable)         \
	X(service_kill)           \
	X(service_list)           \
	X(service_logs)           \
	X(service_ps)             \
	X(service_pull)           \
	X(service_restart)        \
	X(service_rm)             \
	X(service_start)          \
	X(service_stop)           \
	X(service_up)             \
	X(status)                 \
	X(analyze)                \
	X(install)                \
	X(persist_why)            \
	X(reset)                  \
	X(wait_for_docker)        \
	X(system_docker)          \
	X(poweroff)               \
	X(reboot)                 \
	X(halt)                   \
	X(shutdown)               \
	X(version)                \
	X(completion)             \
	X(boot_cron)              \
	X(boot_final)             \
	X(boot_metadata)          \
	X(boot_mounts)            \
	X(boot_recovery_net)      \
	X(boot_save_journal)      \
	X(boot_services)          \
	X(boot_state)             \
	X(boot_stop_user_docker)  \
	X(boot_to_ram)            \
	X(boot_user_services)     \
	X(boot_warm_up)           \
	X(boot_watch)             \
	X(console)                \
	X(dhcp_lease)             \
	X(network_run)            \
	X(ntp)                    \
	X(entrypoint)             \
	X(udev)                   \
	X(user_docker)

#define X(name) extern const struct command command_##name;
COMMANDS(X)
#undef X

const struct command *const command_all[] = {
#define X(name) &command_##name,
	COMMANDS(X)
#undef X
	NULL,
};
