/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `ros boot recovery-net`: addresses by DHCP and sshd with the keys that are known, for a machine
 * whose boot failed. Best effort: it takes what there is of /etc and of the state, and says what it
 * lacks. Both end with the recovery, when its reason is removed: the ports are then the console's.
 */
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mount.h>
#include <unistd.h>

#include "agent/command.h"
#include "agent/config/config.h"
#include "agent/state/state_layout.h"
#include "lib/doc/doc.h"
#include "lib/file.h"
#include "lib/proc.h"
#include "lib/scope.h"

/* Not below init's own directory, which only root may enter: sshd reads keys as the user. */
#define DIR "/run/ros/recovery-net"
/* init's, as long as the recovery lasts. */
#define REASON_DIR "/run/ros/recovery"
#define REASON REASON_DIR "/reason"
#define KEYS DIR "/authorized_keys"
#define HOST_KEY DIR "/ssh_host_ed25519_key"
#define KEPT_HOST_KEY "/etc/ssh/ssh_host_ed25519_key"
#define DATASOURCE_JSON "/run/ros/datasource.json"
#define KEYS_LIMIT (256u << 10)
#define DHCP_MS 20000
#define KEYGEN_MS 30000

static void say(const char *what, const struct error *err)
{
	printf("%s: %s\n", what, err->msg);
}

/* A boot that failed early has no /etc yet: the image's, with changes in memory. */
static int make_etc(struct error *err)
{
	static const char options[] = "lowerdir=/usr/etc,upperdir=" DIR "/etc,workdir=" DIR "/work";
	int r;

	if (access("/etc/passwd", R_OK) == 0)
		return 0;
	r = file_mkdir(FILE_ROOT, DIR "/etc", 0755, err);
	if (r == 0)
		r = file_mkdir(FILE_ROOT, DIR "/work", 0700, err);
	if (r == 0)
		r = file_mkdir(FILE_ROOT, "/etc", 0755, err);
	if (r == 0 && mount("overlay", "/etc", "overlay", 0, options) < 0)
		return error_sys(err, errno, "mount /etc");
	return r;
}

static void make_dirs(void)
{
	static const char *const dirs[] = { "/run/sshd", "/var/lib/dhcpcd", "/tmp", "/root" };
	struct error err = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(dirs); i++)
		if (file_mkdir(FILE_ROOT, dirs[i], 0755, &err) < 0)
			say(dirs[i], &err);
	if (state_layout_homes(&err) < 0)
		say("home directories", &err);
}

/* The container `network` may run: the recovery is beside a boot that only lacks its console. */
static bool has_address(void)
{
	struct ifaddrs *all, *a;
	bool found = false;

	if (getifaddrs(&all) < 0)
		return false;
	for (a = all; a && !found; a = a->ifa_next)
		found = a->ifa_addr && a->ifa_addr->sa_family == AF_INET &&
			!(a->ifa_flags & IFF_LOOPBACK);
	freeifaddrs(all);
	return found;
}

/* Returns whether there is a dhcpcd to end. */
static bool start_dhcp(void)
{
	static const char *const argv[] = { "dhcpcd", "-b", "-q", "-A", NULL };
	struct error err = { 0 };

	if (has_address())
		return false;
	if (proc_run(argv, NULL, DHCP_MS, NULL, &err) < 0)
		say("dhcpcd", &err);
	return true;
}

static void add_list(const struct doc_node *list, struct buf *keys)
{
	for (size_t i = 0; list && list->kind == DOC_SEQ && i < list->len; i++)
		if (doc_is_scalar(list->items[i]) && !strpbrk(list->items[i]->text, "\r\n"))
			buf_fmt(keys, "%s\n", list->items[i]->text);
}

/* From the users' files (on the disk itself if it is not laid out), the datasource, the
 * configuration. */
static void gather_keys(struct buf *keys)
{
	static const char *const files[] = {
		"/home/rancher/.ssh/authorized_keys",
		"/state/home/rancher/.ssh/authorized_keys",
		"/home/docker/.ssh/authorized_keys",
	};
	AUTO(doc_pool_free) struct doc_pool *pool = NULL;
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(DOC_SIZE);
	const struct doc_node *n = NULL;

	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		AUTO_BUF struct buf file = BUF_WITH_LIMIT(KEYS_LIMIT);

		if (file_read(FILE_ROOT, files[i], &file, NULL) == 0)
			buf_fmt(keys, "%s\n", buf_text(&file));
	}
	if (doc_pool_new(&pool, NULL) < 0)
		return;
	if (file_read(FILE_ROOT, DATASOURCE_JSON, &text, NULL) == 0 &&
	    doc_json_parse(pool, DATASOURCE_JSON, buf_text(&text), text.len, &n, NULL) == 0)
		add_list(doc_at(n, "ssh_authorized_keys"), keys);
	if (config_load(FILE_ROOT, pool, &n, NULL) == 0)
		add_list(doc_at(n, "ssh_authorized_keys"), keys);
}

static int write_keys(struct error *err)
{
	const struct file_attr attr = { .mode = 0644 };
	AUTO_BUF struct buf keys = BUF_WITH_LIMIT(4 * KEYS_LIMIT);
	int r;

	gather_keys(&keys);
	r = buf_check(&keys, err);
	if (r < 0)
		return r;
	if (!strchr(buf_text(&keys), ' '))
		return error_set(err, ENODATA, "no SSH key is known: sshd does not start");
	return file_publish(FILE_ROOT, KEYS, keys.data, keys.len, &attr, NULL, err);
}

static const char *host_key(struct error *err)
{
	static const char *const argv[] = { "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f",
					    HOST_KEY, NULL };

	if (access(KEPT_HOST_KEY, R_OK) == 0)
		return KEPT_HOST_KEY;
	if (access(HOST_KEY, R_OK) == 0 || proc_run(argv, NULL, KEYGEN_MS, NULL, err) == 0)
		return HOST_KEY;
	return NULL;
}

static int start_sshd(pid_t *ret_pid, int *ret_pidfd, struct error *err)
{
	const char *key = host_key(err);
	char host[128];
	/* No file of the machine's is read: what is broken may be there. */
	const char *argv[] = { "/usr/sbin/sshd", "-D", "-e", "-f", "/dev/null", "-o", host, "-o",
			       "AuthorizedKeysFile=" KEYS, "-o", "StrictModes=no", "-o",
			       "PermitRootLogin=no", "-o", "PasswordAuthentication=no", "-o",
			       "KbdInteractiveAuthentication=no", "-o", "AllowGroups=docker", "-o",
			       "UseDNS=no", NULL };
	const struct proc_spec spec = { .argv = argv, .in = -1, .out = STDOUT_FILENO,
					.err = STDERR_FILENO };

	if (!key)
		return -err->code;
	snprintf(host, sizeof(host), "HostKey=%s", key);
	return proc_spawn(&spec, ret_pid, ret_pidfd, err);
}

static bool is_over(int watch)
{
	char events[4096] __attribute__((aligned(__alignof__(struct inotify_event))));

	while (read(watch, events, sizeof(events)) > 0)
		;
	return access(REASON, F_OK) < 0;
}

/* Until the recovery is over or sshd has ended. */
static int wait_for_end(int watch, int sshd, struct error *err)
{
	struct pollfd p[] = { { .fd = watch, .events = POLLIN }, { .fd = sshd, .events = POLLIN } };

	while (!is_over(watch)) {
		if (poll(p, ARRAY_LEN(p), -1) < 0 && errno != EINTR)
			return error_sys(err, errno, "poll");
		if (p[1].revents)
			return error_set(err, ECHILD, "sshd ended");
	}
	return 0;
}

static int serve(bool dhcp, struct error *err)
{
	static const char *const leave[] = { "dhcpcd", "-x", NULL };
	AUTO_CLOSE int watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	AUTO_CLOSE int pidfd = -1;
	pid_t pid;
	int r;

	/* The directory: a second reason takes the file's place. */
	if (watch < 0 || inotify_add_watch(watch, REASON_DIR, IN_DELETE) < 0)
		return error_sys(err, errno, "watch %s", REASON_DIR);
	r = start_sshd(&pid, &pidfd, err);
	if (r == 0)
		r = wait_for_end(watch, pidfd, err);
	if (r < 0)
		return r;
	(void)kill(pid, SIGTERM);
	return dhcp ? proc_run(leave, NULL, DHCP_MS, NULL, err) : 0;
}

static int run(const struct env *env, int argc, char **argv, struct error *err)
{
	bool dhcp;

	(void)env, (void)argc, (void)argv;
	if (make_etc(err) < 0)
		return COMMAND_FAILED;
	make_dirs();
	dhcp = start_dhcp();
	if (write_keys(err) < 0)
		return COMMAND_FAILED;
	(void)fflush(stdout);
	return serve(dhcp, err) < 0 ? COMMAND_FAILED : COMMAND_OK;
}

const struct command command_boot_recovery_net = {
	.name = "boot recovery-net",
	.run = run,
};
