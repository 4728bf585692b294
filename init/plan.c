/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of the boot. To add a step, add a row below whatever it needs.
 */
#include "init/plan.h"

#include <errno.h>
#include <string.h>

#include "lib/proc.h"

#define SECONDS(n) ((n) * 1000)
#define ARGV(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define SYSTEM_CGROUP "/sys/fs/cgroup/system-docker"

const struct plan_unit plan_all[] = {
	/* Slow hardware holds up only those who need it. */
	{ .name = "coldplug", .argv = ARGV("/ros-early", "coldplug"), .deadline_ms = SECONDS(30) },
	{ .name = "image",
	  .argv = ARGV("/ros-early", "image"),
	  .deadline_ms = SECONDS(60),
	  .fatal = true,
	  .then = PLAN_SWITCH_ROOT },
	{ .name = "initrd",
	  .kind = PLAN_POINT,
	  .needs = { "coldplug", "image" },
	  .then = PLAN_FREE_INITRD },
	{ .name = "state",
	  .argv = ARGV("/usr/bin/ros", "boot", "state"),
	  .needs = { "image" },
	  .deadline_ms = SECONDS(900), /* a file system check; someone typing a passphrase */
	  .fatal = true,
	  .says = "/run/ros/state",
	  .then = PLAN_STATE_THERE },
	{ .name = "system-containerd",
	  .kind = PLAN_DAEMON,
	  .argv = ARGV("/usr/bin/containerd", "--config", "/usr/share/ros/system-containerd.toml"),
	  .env = ARGV("PATH=/usr/ros/shim:" PROC_PATH, "HOME=/root"), /* init/shim/ */
	  .needs = { "state" },
	  .deadline_ms = SECONDS(60),
	  .cgroup = SYSTEM_CGROUP },
	{ .name = "system-docker",
	  .kind = PLAN_DAEMON,
	  /* The flag is out of fashion there, not out of use: ros starts the containers, in order.
	   */
	  .argv = ARGV("/usr/sbin/dockerd", "--config-file", "/run/ros/system-docker.json",
		       "--restart=false"),
	  .needs = { "state" },
	  .deadline_ms = SECONDS(120),
	  .cgroup = SYSTEM_CGROUP },
	/* Nobody needs it; what it reads is there when the containers start. Until containerd is
	 * ready both processors are busy. */
	{ .name = "warm-up",
	  .argv = ARGV("/usr/bin/ros", "boot", "warm-up"),
	  .needs = { "system-containerd" },
	  .deadline_ms = SECONDS(60) },
	{ .name = "agent",
	  .argv = ARGV("/usr/bin/ros", "agent", "--boot"),
	  .needs = { "state", "coldplug" }, /* the seed may be on any disk */
	  .deadline_ms = SECONDS(600) },
	/* Waits for System Docker by itself, having read its definitions meanwhile. */
	{ .name = "services",
	  .argv = ARGV("/usr/bin/ros", "boot", "services"),
	  .needs = { "agent" },
	  .deadline_ms = SECONDS(900),
	  .again = "system-docker" },
	/* What nobody waits for; it waits for user Docker itself. */
	{ .name = "late-services",
	  .argv = ARGV("/usr/bin/ros", "boot", "services", "late"),
	  .needs = { "services" },
	  .deadline_ms = SECONDS(900),
	  .again = "system-docker" },
	/* Keeps them running where no restart policy holds, and tells the journal. */
	{ .name = "watch",
	  .kind = PLAN_DAEMON,
	  .argv = ARGV("/usr/bin/ros", "boot", "watch"),
	  .needs = { "services" },
	  .deadline_ms = SECONDS(120) },
	/* Follows what the cloud says, where rancher.cloud_init.watch wants that. */
	{ .name = "metadata",
	  .kind = PLAN_DAEMON,
	  .argv = ARGV("/usr/bin/ros", "boot", "metadata"),
	  .needs = { "services" },
	  .deadline_ms = SECONDS(120),
	  .only_if = "/run/ros/watch-metadata" },
	{ .name = "user-services",
	  .argv = ARGV("/usr/bin/ros", "boot", "user-services"),
	  .needs = { "services" },
	  .deadline_ms = SECONDS(3600) /* it pulls images */ },
	/* Tells others that the machine is up, restarts it if user-data says so. */
	{ .name = "final",
	  .argv = ARGV("/usr/bin/ros", "boot", "final"),
	  .needs = { "user-services" },
	  .deadline_ms = SECONDS(1800) /* phone_home tries again and again */ },
	/* Lets a live medium be taken out. It reads all of it, so it comes when nobody waits. */
	{ .name = "to-ram",
	  .argv = ARGV("/usr/bin/ros", "boot", "to-ram"),
	  .needs = { "late-services", "user-services" },
	  .deadline_ms = SECONDS(1800) },
};

const size_t plan_n = ARRAY_LEN(plan_all);

const char *plan_state_name(enum plan_state state)
{
	static const char *const names[PLAN_N_STATES] = {
		[PLAN_WAITING] = "waiting",
		[PLAN_RUNNING] = "running",
		[PLAN_DONE] = "done",
		[PLAN_FAILED] = "failed",
	};

	return state < PLAN_N_STATES ? names[state] : "unknown";
}

size_t plan_find(const struct plan_unit *units, size_t n, const char *name)
{
	size_t i = 0;

	while (i < n && strcmp(units[i].name, name) != 0)
		i++;
	return i;
}

static bool satisfied(const struct plan_unit *u, enum plan_state state)
{
	if (state == PLAN_DONE)
		return true;
	return state == PLAN_FAILED && u->kind != PLAN_DAEMON && !u->fatal;
}

bool plan_may_start(const struct plan_unit *units, size_t n, const enum plan_state *states,
		    size_t i)
{
	if (states[i] != PLAN_WAITING)
		return false;
	for (size_t k = 0; k < PLAN_NEEDS && units[i].needs[k]; k++) {
		size_t need = plan_find(units, n, units[i].needs[k]);

		if (need == n || !satisfied(&units[need], states[need]))
			return false;
	}
	return true;
}

static int check_needs(const struct plan_unit *units, size_t i, struct error *err)
{
	const struct plan_unit *u = &units[i];

	for (size_t k = 0; k < PLAN_NEEDS && u->needs[k]; k++) {
		if (plan_find(units, i, u->needs[k]) == i)
			return error_set(err, EINVAL, "%s needs %s, which is not above it", u->name,
					 u->needs[k]);
	}
	return 0;
}

static int check_unit(const struct plan_unit *units, size_t i, struct error *err)
{
	const struct plan_unit *u = &units[i];

	if (plan_find(units, i, u->name) != i)
		return error_set(err, EINVAL, "%s is there twice", u->name);
	if (u->kind == PLAN_POINT)
		return check_needs(units, i, err);
	if (!u->argv || !u->argv[0] || u->argv[0][0] != '/')
		return error_set(err, EINVAL, "%s: no absolute path of a program", u->name);
	if (u->deadline_ms <= 0)
		return error_set(err, EINVAL, "%s has no deadline", u->name);
	return check_needs(units, i, err);
}

int plan_check(const struct plan_unit *units, size_t n, struct error *err)
{
	if (n > PLAN_MAX)
		return error_set(err, E2BIG, "more than %d units", PLAN_MAX);
	for (size_t i = 0; i < n; i++) {
		int r = check_unit(units, i, err);

		if (r < 0)
			return r;
	}
	return 0;
}
