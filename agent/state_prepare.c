/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Preparing the disks. There is no udev yet: device mapper makes its nodes itself.
 */
#include "agent/state_prepare.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "agent/message.h"
#include "lib/file.h"
#include "lib/proc.h"
#include "lib/scope.h"

#define UNIT "state"
#define SCAN_MS 30000
#define SCRIPT_MS (5 * 60 * 1000)
/* Somebody types a passphrase. */
#define PASSPHRASE_MS (10 * 60 * 1000)
#define SCRIPT_PATH "/run/ros/state-script"
#define NO_UDEV "activation{udev_sync=0 udev_rules=0 verify_udev_operations=0}"

static const char *const environment[] = { "PATH=" PROC_PATH, "HOME=/root", "DM_DISABLE_UDEV=1",
					   NULL };

/* Run it with its output in the step's log; `tty` (or NULL) is where it may ask. */
static void run(const char *what, const char *const *argv, const char *tty, int timeout_ms)
{
	struct proc_spec spec = { .argv = argv, .env = environment, .in = -1, .out = STDOUT_FILENO,
				  .err = STDERR_FILENO, .new_session = tty != NULL, .tty = tty };
	struct error err = { 0 };
	AUTO_CLOSE int pidfd = -1;
	char text[64];
	int status = 0, r;
	pid_t pid;

	r = proc_spawn(&spec, &pid, &pidfd, &err);
	if (r == 0)
		r = proc_wait(pid, pidfd, timeout_ms, &status, &err);
	if (r < 0)
		message_say(JOURNAL_WARNING, UNIT, "%s: %s", what, err.msg);
	else if (status)
		message_say(JOURNAL_WARNING, UNIT, "%s: %s %s", what, argv[0],
			    proc_status_text(status, text, sizeof(text)));
	else
		journal_say(JOURNAL_CONFIG, UNIT, "%s: done", what);
}

void state_prepare_luks_name(const char *path, char *ret, size_t size)
{
	const char *slash = strrchr(path, '/');

	snprintf(ret, size, "luks-%s", slash ? slash + 1 : path);
}

static void open_luks(const struct inventory *inv)
{
	for (size_t i = 0; i < inv->n; i++) {
		const struct probe *p = &inv->devices[i];
		char name[80];
		const char *argv[] = { "cryptsetup", "open", p->path, name, NULL };

		if (strcmp(p->type, "crypto_LUKS"))
			continue;
		state_prepare_luks_name(p->path, name, sizeof(name));
		run("rancher.state.cryptsetup", argv, "/dev/console", PASSPHRASE_MS);
	}
}

static void run_script(const char *text)
{
	static const char *const argv[] = { "/bin/sh", SCRIPT_PATH, NULL };
	const struct file_attr attr = { .mode = 0700 };
	struct error err = { 0 };

	if (file_publish(FILE_ROOT, SCRIPT_PATH, text, strlen(text), &attr, NULL, &err) < 0)
		message_say(JOURNAL_WARNING, UNIT, "rancher.state.script: %s", err.msg);
	else
		run("rancher.state.script", argv, NULL, SCRIPT_MS);
}

bool state_prepare(const struct doc_node *config, struct inventory *inv)
{
	static const char *const mdadm[] = { "mdadm", "--assemble", "--scan", NULL };
	static const char *const lvm[] = { "vgchange", "--config", NO_UDEV, "-a", "y", NULL };
	const struct doc_node *state = doc_at(config, "rancher.state");
	bool raid = doc_bool(state, "mdadm_scan", false),
	     volumes = doc_bool(state, "lvm_scan", false);
	bool luks = doc_bool(state, "cryptsetup", false);
	const char *script = doc_str(state, "script", "");

	if (raid)
		run("rancher.state.mdadm_scan", mdadm, NULL, SCAN_MS);
	/* LUKS may lie on RAID: look again. */
	if (luks && inventory_scan(inv, FILE_ROOT, NULL) == 0)
		open_luks(inv);
	if (volumes)
		run("rancher.state.lvm_scan", lvm, NULL, SCAN_MS);
	if (*script)
		run_script(script);
	return raid || luks || volumes || *script;
}
