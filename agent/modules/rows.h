/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The modules in their order, which is cloud-init's where nothing speaks against it. Kernel modules
 * come before the disks, mounts and sysctls that may need them, and behind the files of
 * /etc/modprobe.d. To add one: a file with its descriptor, module_NAME, and its row here.
 */
#pragma once

#include "agent/modules/module.h"

#define ROWS(X)                        \
	X(boothook)                   \
	X(random_seed)                \
	X(bootcmd)                    \
	X(injected_files)             \
	X(write_files)                \
	X(modules)                    \
	X(disk_setup)                 \
	X(fs_setup)                   \
	X(mounts)                     \
	X(swap)                       \
	X(hostname)                   \
	X(etc_hosts)                  \
	X(network)                    \
	X(ca_certs)                   \
	X(rsyslog)                    \
	X(accounts)                   \
	X(groups)                     \
	X(users)                      \
	X(sudo)                       \
	X(ssh_keys)                   \
	X(ssh_authorized_keys)        \
	X(platform_password)          \
	X(chpasswd)                   \
	X(write_files_deferred)       \
	X(locale)                     \
	X(environment)                \
	X(timezone)                   \
	X(sysctl)                     \
	X(system_docker)              \
	X(console)                    \
	X(runcmd)                     \
	X(mounts_remote)              \
	X(write_files_late)           \
	X(publish_host_keys)          \
	X(phone_home)                 \
	X(growpart)                   \
	X(resize_device)              \
	X(final_message)              \
	X(power_state)

#define X(name) extern const struct module module_##name;
ROWS(X)
#undef X

extern const struct module *const rows_all[]; /* NULL-terminated */
