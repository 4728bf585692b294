/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `ros udev`: what the container `udev` runs: udevd under our supervisor, and the cold plug, whose
 * end nobody waits for. What scripts and containers look for by name or need permissions for
 * (disks, network cards, USB, screens, sound) is announced as soon as udevd says that it listens;
 * the hundreds of other devices, whose drivers are loaded long since, once user Docker is ready.
 */
#include <signal.h>
#include <unistd.h>

#include "agent/command.h"
#include "agent/follow.h"
#include "lib/clock.h"
#include "lib/journal.h"
#include "lib/proc.h"
#include "lib/supervise.h"

#define NOTIFY_PATH "/run/ros-udev.notify"
#define READY_MS 30000
#define BACKOFF_MAX_MS 5000
#define STOP_MS 5000
/* User Docker is ready by then, or something is wrong with it. */
#define REST_MS 60000
/* Whoever waited for user Docker has the processors to himself first. */
#define CALM_MS 5000

struct udev {
	struct supervise *sup;
	int journal;  /* followed until user Docker is ready; -1 otherwise */
	bool plugged; /* the cold plug is needed once: udevd keeps its data when it is restarted */
	bool stopping;
};

static const char *const plug_first[] = {
	"/usr/bin/udevadm",	   "trigger", "--action=add", "--subsystem-match=block",
	"--subsystem-match=net", "--subsystem-match=virtio-ports", "--subsystem-match=usb",
	"--subsystem-match=drm", "--subsystem-match=hidraw", "--subsystem-match=sound",
	"--subsystem-match=video4linux", NULL
};
static const char *const plug_rest[] = {
	"/usr/bin/udevadm", "trigger", "--type=all", "--action=add",
	"--prioritized-subsystem=module,tpmrm,tty,input", NULL
};

/* Devices that were there before udevd listened are announced again. */
static bool trigger(const char *const *argv)
{
	const struct proc_spec spec = { .argv = argv, .in = -1, .out = 1, .err = 2 };
	struct error err = { 0 };
	pid_t pid;

	if (proc_spawn(&spec, &pid, NULL, &err) == 0)
		return true;
	journal_say(JOURNAL_FAIL, "udev", "cold plug: %s", err.msg);
	return false;
}

static void follow_no_more(struct udev *u)
{
	if (u->journal < 0)
		return;
	supervise_unwatch(u->sup, u->journal);
	(void)close(u->journal);
	u->journal = -1;
}

static void plug_the_rest(void *arg)
{
	struct udev *u = arg;

	supervise_timer(u->sup, 0, NULL, NULL);
	follow_no_more(u);
	(void)trigger(plug_rest);
}

static void journal_grew(void *arg, int fd)
{
	struct udev *u = arg;

	if (!follow_seen(fd, "user-docker", JOURNAL_READY))
		return;
	follow_no_more(u);
	supervise_timer(u->sup, clock_ms() + CALM_MS, plug_the_rest, u);
}

static void cold_plug(struct udev *u)
{
	struct error err = { 0 };
	int r;

	if (u->plugged)
		return;
	u->plugged = trigger(plug_first);
	supervise_timer(u->sup, clock_ms() + REST_MS, plug_the_rest, u);
	r = follow_open(&u->journal, &err);
	if (r == 0)
		r = supervise_watch(u->sup, u->journal, journal_grew, u, &err);
	if (r < 0)
		journal_say(JOURNAL_WARNING, "udev", "%s", err.msg);
	else
		journal_grew(u, u->journal);
}

static void changed(void *arg, const struct supervise_child *c, enum supervise_state from)
{
	struct udev *u = arg;
	char text[64];

	(void)from;
	if (c->state == SUPERVISE_UP && !u->stopping)
		cold_plug(u);
	if (c->state == SUPERVISE_BACKOFF)
		journal_say(JOURNAL_DAEMON_EXIT, "udev", "udevd %s",
			    proc_status_text(c->last_status, text, sizeof(text)));
}

static void reaped(void *arg, pid_t pid, int status)
{
	(void)arg, (void)pid;
	if (status != 0) {
		char text[64];

		journal_say(JOURNAL_WARNING, "udev", "a child of udev %s",
			    proc_status_text(status, text, sizeof(text)));
	}
}

static bool signalled(void *arg, int signo)
{
	struct udev *u = arg;

	(void)signo;
	u->stopping = true;
	supervise_stop(u->sup, NULL, STOP_MS);
	return true;
}

static void loop(struct udev *u)
{
	const struct supervise_child *c = supervise_find(u->sup, "udevd");

	while (!u->stopping || c->pid > 0)
		(void)supervise_turn(u->sup, u->stopping ? STOP_MS : -1);
}

static int run(const struct env *env, int argc, char **argv, struct error *err)
{
	static const char *const udevd[] = { "/usr/lib/systemd/systemd-udevd", NULL };
	static const int signals[] = { SIGTERM, SIGINT };
	struct udev u = { .journal = -1 };
	const struct supervise_ops ops = { .changed = changed, .reaped = reaped,
					   .signalled = signalled, .arg = &u };
	const struct supervise_spec spec = {
		.name = "udevd",
		.proc = { .argv = udevd, .in = -1, .out = 1, .err = 2 },
		.notify = true,
		.ready_timeout_ms = READY_MS,
		.backoff_max_ms = BACKOFF_MAX_MS,
	};
	int r;

	(void)env, (void)argc, (void)argv;
	r = supervise_new(&ops, signals, ARRAY_LEN(signals), NOTIFY_PATH, &u.sup, err);
	if (r < 0)
		return COMMAND_FAILED;
	r = supervise_add(u.sup, &spec, err);
	if (r == 0)
		loop(&u);
	supervise_free(u.sup);
	return r < 0 ? COMMAND_FAILED : COMMAND_OK;
}

const struct command command_udev = {
	.name = "udev",
	.run = run,
};
