/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of rendered files. The templates are also built into the program, so that it renders
 * below a --root where no system is.
 */
#include "templates/target.h"

/* A file of the source tree as text with a NUL at its end. */
#define EMBED(name, file)                                    \
	__asm__(".pushsection .rodata\n"                     \
		"target_" #name "_text:\n"                   \
		".incbin \"templates/" file "\"\n"           \
		".byte 0\n"                                  \
		".popsection\n");                            \
	extern const char target_##name##_text[] __attribute__((visibility("hidden")))

EMBED(hostname, "hostname.tmpl");
EMBED(hosts, "hosts.tmpl");
EMBED(resolv_conf, "resolv.conf.tmpl");
EMBED(sshd, "sshd.conf.tmpl");
EMBED(chrony, "chrony.conf.tmpl");
EMBED(rsyslog, "rsyslog.conf.tmpl");
EMBED(docker, "daemon.json.tmpl");

/* -G reads a configuration like -t, but needs no host keys: they are made by the console. */
static const char *const check_sshd[] = { "/usr/sbin/sshd", "-G", "-f", TARGET_CANDIDATE, NULL };
static const char *const check_chrony[] = { "/usr/sbin/chronyd", "-p", "-f", TARGET_CANDIDATE,
					    NULL };
static const char *const check_rsyslog[] = { "/usr/sbin/rsyslogd", "-N1", "-f", TARGET_CANDIDATE,
					     NULL };

const struct target target_all[] = {
	{ "etc_hostname", "hostname.tmpl", target_hostname_text, "/etc/hostname", 0644,
	  TARGET_IN_PLACE, NULL, "agent.set_hostname" },
	{ "etc_hosts", "hosts.tmpl", target_hosts_text, "/etc/hosts", 0644, TARGET_IN_PLACE, NULL,
	  "agent.render_hosts" },
	{ "resolv_conf", "resolv.conf.tmpl", target_resolv_conf_text, "/etc/resolv.conf", 0644,
	  TARGET_IN_PLACE, NULL, "agent.dns" },
	{ "sshd", "sshd.conf.tmpl", target_sshd_text, "/etc/ssh/sshd_config.d/10-rancher.conf",
	  0644, TARGET_RENAME, check_sshd, NULL },
	{ "chrony", "chrony.conf.tmpl", target_chrony_text, "/etc/chrony/chrony.conf", 0644,
	  TARGET_RENAME, check_chrony, NULL },
	{ "rsyslog", "rsyslog.conf.tmpl", target_rsyslog_text, "/etc/rsyslog.conf", 0644,
	  TARGET_RENAME, check_rsyslog, NULL },
	{ "docker", "daemon.json.tmpl", target_docker_text, "/run/ros/docker/daemon.base.json",
	  0644, TARGET_RENAME, NULL, NULL },
};

const size_t target_n = ARRAY_LEN(target_all);
