/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs mdadm.
 */
#include "agent/state/state_raid.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "agent/message.h"
#include "agent/state/uevent.h"
#include "lib/buf.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "lib/proc.h"
#include "lib/scope.h"

#define UNIT     "state"
#define MDADM_MS 30000
/* How long the other disks of an array may take. */
#define DISKS_MS 10000

/* What it says goes to the step's log; it fails for what is in an array already, too. */
static void mdadm(const char *const *argv)
{
	AUTO_BUF struct buf out = BUF_WITH_LIMIT(16384);
	struct error err = { 0 };

	if (proc_run(argv, NULL, MDADM_MS, &out, &err) < 0)
		(void)fprintf(stderr, "mdadm: %s\n", err.msg);
	(void)fputs(buf_text(&out), stdout);
}

static bool is_held(const char *path)
{
	const char *name = strrchr(path, '/');
	AUTO_CLOSEDIR DIR *dir = NULL;
	const struct dirent *e;
	bool held = false;
	char sys[200];

	(void)snprintf(sys, sizeof(sys), "/sys/class/block/%s/holders", name ? name + 1 : path);
	dir = opendir(sys);
	while (dir && !held && (e = readdir(dir)))
		held = e->d_name[0] != '.';
	return held;
}

/* Each disk is added to its array, which starts when it is the last one. */
static void add_members(const struct inventory *inv)
{
	for (size_t i = 0; i < inv->n; i++) {
		const struct probe *p = &inv->devices[i];
		const char *argv[] = { "mdadm", "--incremental", p->path, NULL };

		if (!strcmp(p->type, "linux_raid_member") && !is_held(p->path))
			mdadm(argv);
	}
}

/* An array that waits for more of its disks. */
static bool is_waiting(void)
{
	AUTO_CLOSEDIR DIR *dir = opendir("/sys/class/block");
	const struct dirent *e;

	while (dir && (e = readdir(dir))) {
		AUTO_BUF struct buf state = BUF_WITH_LIMIT(32);
		char path[300];

		(void)snprintf(path, sizeof(path), "/sys/class/block/%s/md/array_state", e->d_name);
		if (!strncmp(e->d_name, "md", 2) &&
		    file_read(FILE_ROOT, path, &state, NULL) == 0 &&
		    !strncmp(buf_text(&state), "inactive", 8))
			return true;
	}
	return false;
}

static void tell_degraded(const struct inventory *inv)
{
	for (size_t i = 0; i < inv->n; i++) {
		AUTO_BUF struct buf lacks = BUF_WITH_LIMIT(32);
		const char *name = strrchr(inv->devices[i].path, '/');
		char sys[200];

		(void)snprintf(sys, sizeof(sys), "/sys/class/block/%s/md/degraded",
			       name ? name + 1 : "");
		if (file_read(FILE_ROOT, sys, &lacks, NULL) == 0 && buf_text(&lacks)[0] > '0')
			message_say(JOURNAL_WARNING, UNIT,
				    "the array %s runs without one of its disks (put one in: "
				    "mdadm %s --add PARTITION)",
				    inv->devices[i].path, inv->devices[i].path);
	}
}

/* mdadm counts on the kernel to ask for them, too late for its own first try. */
static void load_levels(void)
{
	static const char *const argv[] = { "modprobe", "-q",   "-a",      "raid1",
					    "raid0",    "raid10", "raid456", NULL };

	(void)!proc_run(argv, NULL, MDADM_MS, NULL, NULL);
}

void state_raid_assemble(struct inventory *inv)
{
	static const char *const run[] = { "mdadm", "--incremental", "--run", "--scan", NULL };
	int64_t deadline = clock_ms() + DISKS_MS;
	AUTO_CLOSE int uevents = -1;
	bool last = uevent_open(&uevents, NULL) < 0;

	load_levels();
	for (;;) {
		add_members(inv);
		if (!is_waiting() || last)
			break;
		/* What mdadm does is news of its own: the clock has the last word. */
		last = uevent_wait_block(uevents, -1, true, deadline, NULL) < 0 ||
		       clock_left_ms(deadline) == 0;
		if (inventory_scan(inv, FILE_ROOT, NULL) < 0)
			break;
	}
	if (is_waiting())
		mdadm(run);
	(void)!inventory_scan(inv, FILE_ROOT, NULL);
	tell_degraded(inv);
}
