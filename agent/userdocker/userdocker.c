/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The supervisor's loop.
 */
#include "agent/userdocker/userdocker.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "agent/await.h"
#include "agent/daemonlog.h"
#include "agent/message.h"
#include "agent/status/history.h"
#include "agent/status/status.h"
#include "agent/userdocker/userdocker_config.h"
#include "agent/userdocker/userdocker_launch.h"
#include "agent/userdocker/userdocker_left.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "lib/supervise.h"

#define CONTAINERD "user-containerd"
#define DOCKERD "user-docker"
#define GOOD_JSON "/var/lib/rancher/docker/daemon.json.good"
/* How long the user's scripts may keep Docker from starting. */
#define CONSOLE_WAIT_MS (10 * 60 * 1000)
#define CONTAINERD_READY_MS (60 * 1000)
/* dockerd looks through all containers and images before it is ready. */
#define DOCKERD_READY_MS (5 * 60 * 1000)
#define BACKOFF_MAX_MS 5000
/* Where live-restore is off, dockerd stops the containers before it ends. */
#define STOP_MS 45000
#define LEFT_OVER_MS 5000
#define MODPROBE_MS 10000
/* dockerd that ended so often without being ready has a reason that the user must see. */
#define FAILURES_SAID 3
#define NOFILE 1048576
#define OOM_SCORE "-500"

struct userdocker {
	struct supervise *sup;
	struct userdocker_launch launch;
	int containerd_log, docker_log;
	int done_fd;      /* inotify, until the console is done */
	unsigned failures; /* dockerd ended without being ready */
	bool stopping;
};

static int copy_file(const char *from, const char *to, struct error *err)
{
	const struct file_attr attr = { .mode = 0600 };
	AUTO_BUF struct buf text = { 0 };
	int r = file_read(FILE_ROOT, from, &text, err);

	return r < 0 ? r : file_publish(FILE_ROOT, to, buf_text(&text), text.len, &attr, NULL, err);
}

/* What the kernel said when it ended the boot before, if it could keep it. Its modules are loaded
 * here and not on the way to ready. */
static void collect_panic(void)
{
	static const char *const ramoops[] = { "modprobe", "-q", "ramoops", NULL };
	static const char *const efi[] = { "modprobe", "-q", "efi_pstore", NULL };
	char reason[HISTORY_REASON];
	struct error err = { 0 };

	/* Neither has to be there. */
	if (access("/sys/firmware/efi", F_OK) == 0)
		(void)!proc_run(efi, NULL, MODPROBE_MS, NULL, NULL);
	else
		(void)!proc_run(ramoops, NULL, MODPROBE_MS, NULL, NULL);
	if (history_save_panic(FILE_ROOT, reason, &err) < 0)
		journal_say(JOURNAL_WARNING, DOCKERD, "record of a panic: %s", err.msg);
	else if (*reason)
		journal_say(JOURNAL_WARNING, STATUS_PANIC_UNIT, "%s", reason);
}

static void on_ready(struct userdocker *u)
{
	struct error err = { 0 };

	u->failures = 0;
	journal_say(JOURNAL_READY, DOCKERD, "user-docker");
	if (await_fulfil(AWAIT_DOCKER_DONE, "default", &err) < 0 ||
	    copy_file(USERDOCKER_DAEMON_JSON, GOOD_JSON, &err) < 0)
		message_say(JOURNAL_WARNING, DOCKERD, "%s", err.msg);
	/* Kept now, so that a power cut leaves more than the journal's beginning. */
	if (history_save(FILE_ROOT, &err) < 0)
		message_say(JOURNAL_WARNING, DOCKERD, "keep the journal: %s", err.msg);
	collect_panic();
}

/* dockerd ended. What it will be started with is made anew: the user may have mended it. */
static void on_dockerd_end(struct userdocker *u, enum supervise_state from)
{
	struct error err = { 0 };
	char line[256];

	/* The process number in it may by now belong to somebody else, and then dockerd refuses. */
	(void)unlink("/run/docker.pid");
	u->failures += from == SUPERVISE_STARTING;
	if (userdocker_launch_make(&u->launch, &err) < 0)
		message_say(JOURNAL_FAIL, DOCKERD, "configuration: %s", err.msg);
	if (u->failures < FAILURES_SAID)
		return;
	daemonlog_last_line(USERDOCKER_LOG, line, sizeof(line));
	if (u->failures == FAILURES_SAID)
		message_say(JOURNAL_FAIL, DOCKERD, "dockerd does not start: %s (see %s)", line,
			    USERDOCKER_LOG);
	/* Every other time: with what it was ready with last, if there is such. */
	if (u->failures % 2 && copy_file(GOOD_JSON, USERDOCKER_DAEMON_JSON, NULL) == 0)
		message_say(JOURNAL_WARNING, DOCKERD,
			    "user Docker is tried with its last good configuration");
}

static void changed(void *arg, const struct supervise_child *c, enum supervise_state from)
{
	struct userdocker *u = arg;
	bool dockerd = !strcmp(c->spec.name, DOCKERD);

	daemonlog_changed(c, from);
	if (!dockerd)
		return;
	if (c->state == SUPERVISE_UP)
		on_ready(u);
	else if (c->state == SUPERVISE_BACKOFF && !u->stopping &&
		 access(USERDOCKER_STOPPING, F_OK) < 0)
		on_dockerd_end(u, from);
}

static bool signalled(void *arg, int signo)
{
	struct userdocker *u = arg;
	const struct supervise_child *d = supervise_find(u->sup, DOCKERD);
	struct error err = { 0 };

	if (signo != SIGHUP) {
		u->stopping = true;
		return true;
	}
	if (userdocker_launch_make(&u->launch, &err) < 0)
		message_say(JOURNAL_FAIL, DOCKERD, "configuration: %s", err.msg);
	else if (d && d->pid > 0)
		(void)kill(d->pid, SIGHUP);
	return true;
}

static int add_containerd(struct userdocker *u, struct error *err)
{
	static const char *const argv[] = { "/usr/bin/containerd", "--config",
					    "/usr/share/ros/user-containerd.toml", NULL };
	const struct supervise_spec spec = {
		.name = CONTAINERD,
		.proc = { .argv = argv,
			  .in = -1,
			  .out = u->containerd_log,
			  .err = u->containerd_log,
			  .cgroup = USERDOCKER_CGROUP },
		.notify = true,
		.ready_timeout_ms = CONTAINERD_READY_MS,
		.backoff_max_ms = BACKOFF_MAX_MS,
	};

	return supervise_add(u->sup, &spec, err);
}

static int add_dockerd(struct userdocker *u, struct error *err)
{
	const struct supervise_spec spec = {
		.name = DOCKERD,
		.proc = { .argv = u->launch.argv,
			  .env = u->launch.env,
			  .in = -1,
			  .out = u->docker_log,
			  .err = u->docker_log,
			  .cgroup = USERDOCKER_CGROUP },
		.notify = true,
		.ready_timeout_ms = DOCKERD_READY_MS,
		.backoff_max_ms = BACKOFF_MAX_MS,
		/* Not after containerd: it waits for that itself, and loading it takes a second. */
	};

	return supervise_add(u->sup, &spec, err);
}

static void start_dockerd(struct userdocker *u)
{
	struct error err = { 0 };

	supervise_timer(u->sup, 0, NULL, NULL);
	if (u->done_fd >= 0) {
		supervise_unwatch(u->sup, u->done_fd);
		(void)close(u->done_fd);
		u->done_fd = -1;
	}
	if (userdocker_launch_make(&u->launch, &err) < 0 || add_dockerd(u, &err) < 0)
		message_say(JOURNAL_FAIL, DOCKERD, "%s", err.msg);
}

static void console_done(void *arg, int fd)
{
	if (await_done(fd, AWAIT_CONSOLE_DONE))
		start_dockerd(arg);
}

static void console_late(void *arg)
{
	message_say(JOURNAL_WARNING, DOCKERD,
		    "the console's scripts are not done after 10 minutes: user Docker starts all "
		    "the same");
	start_dockerd(arg);
}

static int wait_for_console(struct userdocker *u, struct error *err)
{
	int r = await_open(AWAIT_CONSOLE_DONE, &u->done_fd, err);

	if (r == 0)
		r = supervise_watch(u->sup, u->done_fd, console_done, u, err);
	if (r < 0)
		return r;
	supervise_timer(u->sup, clock_ms() + CONSOLE_WAIT_MS, console_late, u);
	console_done(u, u->done_fd);
	return 0;
}

static int prepare(struct userdocker *u, struct error *err)
{
	const struct rlimit files = { .rlim_cur = NOFILE, .rlim_max = NOFILE };
	unsigned left = 0;
	int r;

	if (setrlimit(RLIMIT_NOFILE, &files) < 0)
		journal_say(JOURNAL_WARNING, DOCKERD, "limit of open files: %s", strerror(errno));
	/* User containers get scores of their own; the daemons are the last of user Docker
	 * to go. */
	if (file_append(FILE_ROOT, "/proc/self/oom_score_adj", OOM_SCORE, strlen(OOM_SCORE), 0644,
			err) < 0)
		journal_say(JOURNAL_WARNING, DOCKERD, "%s", err->msg);
	r = userdocker_left_stop(LEFT_OVER_MS, &left, err);
	if (r < 0)
		return r;
	if (left)
		journal_say(JOURNAL_WARNING, DOCKERD,
			    "ended %u processes of an earlier user Docker", left);
	r = file_mkdir(FILE_ROOT, "/run/ros/docker", 0755, err);
	if (r == 0)
		r = daemonlog_open(USERDOCKER_CONTAINERD_LOG, &u->containerd_log, err);
	if (r == 0)
		r = daemonlog_open(USERDOCKER_LOG, &u->docker_log, err);
	(void)unlink("/run/docker.pid");
	(void)unlink(USERDOCKER_NOTIFY);
	return r;
}

static bool is_down(const struct userdocker *u, const char *name)
{
	const struct supervise_child *c = supervise_find(u->sup, name);

	return !c || c->state == SUPERVISE_DOWN;
}

/* dockerd first: it still talks to containerd while it ends. Returns true when both are gone. */
static bool stop_both(struct userdocker *u)
{
	const struct supervise_child *d = supervise_find(u->sup, DOCKERD);
	const struct supervise_child *c = supervise_find(u->sup, CONTAINERD);

	if (d && d->state != SUPERVISE_DOWN && d->state != SUPERVISE_STOPPING)
		supervise_stop(u->sup, DOCKERD, STOP_MS);
	if (is_down(u, DOCKERD) && c && c->state != SUPERVISE_DOWN &&
	    c->state != SUPERVISE_STOPPING)
		supervise_stop(u->sup, CONTAINERD, STOP_MS);
	return is_down(u, DOCKERD) && is_down(u, CONTAINERD);
}

static void loop(struct userdocker *u)
{
	while (supervise_turn(u->sup, -1)) {
		const struct supervise_child *d = supervise_find(u->sup, DOCKERD);

		/* The machine goes down and dockerd has stopped the containers: it stays away. */
		if (d && d->state == SUPERVISE_BACKOFF && access(USERDOCKER_STOPPING, F_OK) == 0)
			supervise_stop(u->sup, DOCKERD, STOP_MS);
		if (u->stopping && stop_both(u))
			return;
	}
}

int userdocker_run(struct error *err)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP };
	struct userdocker u = { .containerd_log = -1, .docker_log = -1, .done_fd = -1 };
	const struct supervise_ops ops = { .changed = changed, .signalled = signalled, .arg = &u };
	int r;

	r = prepare(&u, err);
	if (r == 0)
		r = supervise_new(&ops, signals, ARRAY_LEN(signals), USERDOCKER_NOTIFY, &u.sup,
				  err);
	/* System Docker brings us back while the machine goes down: then there is nothing
	 * to start. */
	if (r == 0 && access(USERDOCKER_STOPPING, F_OK) < 0) {
		r = add_containerd(&u, err);
		if (r == 0)
			r = wait_for_console(&u, err);
	}
	if (r == 0)
		loop(&u);
	supervise_free(u.sup);
	userdocker_launch_done(&u.launch);
	return r;
}
