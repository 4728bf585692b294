/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Preparing the disks. There is no udev yet: device mapper makes its nodes itself.
 */
#include "agent/state/state_prepare.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "agent/follow.h"
#include "agent/message.h"
#include "agent/state/state_luks.h"
#include "agent/state/state_raid.h"
#include "agent/state/state_wait.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "lib/proc.h"
#include "lib/scope.h"

#define UNIT "state"
#define SCAN_MS 30000
#define SCRIPT_MS (5 * 60 * 1000)
#define SCRIPT_PATH "/run/ros/state-script"
#define NO_UDEV "activation{udev_sync=0 udev_rules=0 verify_udev_operations=0}"

static const char *const environment[] = { "PATH=" PROC_PATH, "HOME=/root", "DM_DISABLE_UDEV=1",
					   NULL };

/* Run it with its output in the step's log. */
static void run(const char *what, const char *const *argv, int timeout_ms)
{
	struct proc_spec spec = { .argv = argv, .env = environment, .in = -1, .out = STDOUT_FILENO,
				  .err = STDERR_FILENO };
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

static void run_script(const char *text)
{
	static const char *const argv[] = { "/bin/sh", SCRIPT_PATH, NULL };
	const struct file_attr attr = { .mode = 0700 };
	struct error err = { 0 };

	if (file_publish(FILE_ROOT, SCRIPT_PATH, text, strlen(text), &attr, NULL, &err) < 0)
		message_say(JOURNAL_WARNING, UNIT, "rancher.state.script: %s", err.msg);
	else
		run("rancher.state.script", argv, SCRIPT_MS);
}

void state_prepare_await_drivers(void)
{
	int64_t deadline = clock_ms() + STATE_WAIT_DRIVERS_MS;
	AUTO_CLOSE int journal = -1;
	struct pollfd p = { .events = POLLIN };

	if (follow_open(&journal, NULL) < 0)
		return;
	p.fd = journal;
	while (!follow_seen(journal, "coldplug", JOURNAL_STEP_END)) {
		if (poll(&p, 1, clock_left_ms(deadline)) == 0)
			return;
	}
}

bool state_prepare(const struct doc_node *config, struct inventory *inv)
{
	static const char *const lvm[] = { "vgchange", "--config", NO_UDEV, "-a", "y", NULL };
	const struct doc_node *state = doc_at(config, "rancher.state");
	bool raid = doc_bool(state, "mdadm_scan", false),
	     volumes = doc_bool(state, "lvm_scan", false);
	bool luks = doc_bool(state, "cryptsetup", false);
	const char *script = doc_str(state, "script", "");

	/* A disk that is still coming would be left out. */
	if (raid || luks || volumes)
		state_prepare_await_drivers();
	if (raid)
		state_raid_assemble(inv);
	/* LUKS may lie on RAID: look again. */
	if (luks && inventory_scan(inv, FILE_ROOT, NULL) == 0)
		state_luks_open(state, inv);
	if (volumes)
		run("rancher.state.lvm_scan", lvm, SCAN_MS);
	if (*script)
		run_script(script);
	return raid || luks || volumes || *script;
}
