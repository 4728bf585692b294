/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `ros ntp`: the time service. Keeps chronyd running, and tells it when DHCP names other time
 * servers: chronyd itself reads the files of its source directory only when it starts.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "agent/command.h"
#include "lib/clock.h"
#include "lib/proc.h"
#include "lib/scope.h"
#include "lib/supervise.h"

#define SOURCES   "/run/chrony-dhcp"
#define RELOAD_MS 5000
#define STOP_MS   5000
/* chronyd may not listen yet when it is told: again so often, so much later. */
#define TRIES    10
#define AGAIN_MS 1000

struct daemon {
	struct supervise *sup;
	int inotify, tries;
};

static void reload(void *arg)
{
	static const char *const argv[] = { "chronyc", "reload", "sources", NULL };
	struct daemon *d = arg;
	struct error err = { 0 };

	if (proc_run(argv, NULL, RELOAD_MS, NULL, &err) == 0)
		return;
	if (--d->tries > 0)
		supervise_timer(d->sup, clock_ms() + AGAIN_MS, reload, d);
	else
		(void)fprintf(stderr, "ros ntp: chronyd does not take DHCP's time servers: %s\n",
			      err.msg);
}

static void on_file(void *arg, int fd)
{
	char events[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	struct daemon *d = arg;

	while (read(fd, events, sizeof(events)) > 0)
		;
	d->tries = TRIES;
	reload(d);
}

static bool on_signal(void *arg, int signo)
{
	struct daemon *d = arg;

	(void)signo;
	supervise_stop(d->sup, NULL, STOP_MS);
	return false;
}

static void on_change(void *arg, const struct supervise_child *c, enum supervise_state from)
{
	(void)arg, (void)from;
	if (c->state == SUPERVISE_BACKOFF)
		(void)fprintf(stderr, "ros ntp: chronyd ended, and is started again\n");
}

static int start(struct daemon *d, const struct supervise_ops *ops, struct error *err)
{
	static const int signals[] = { SIGTERM, SIGINT };
	static const char *const argv[] = { "chronyd", "-d", "-f", "/etc/chrony/chrony.conf",
					    NULL };
	const struct supervise_spec spec = { .name = "chronyd",
					     .proc = { .argv = argv, .in = -1, .out = 1, .err = 2 },
					     .backoff_max_ms = 30000 };
	int r = supervise_new(ops, signals, ARRAY_LEN(signals), NULL, &d->sup, err);

	if (r < 0)
		return r;
	d->inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	/* Files there are renamed into place. */
	if (d->inotify < 0 ||
	    inotify_add_watch(d->inotify, SOURCES, IN_MOVED_TO | IN_DELETE | IN_ONLYDIR) < 0)
		return error_sys(err, errno, "watch " SOURCES);
	r = supervise_watch(d->sup, d->inotify, on_file, d, err);
	return r == 0 ? supervise_add(d->sup, &spec, err) : r;
}

static void wait_for_chronyd(struct daemon *d)
{
	const int64_t deadline = clock_ms() + STOP_MS;
	const struct supervise_child *c;

	while ((c = supervise_find(d->sup, "chronyd")) && c->pid > 0 && clock_left_ms(deadline))
		(void)supervise_turn(d->sup, clock_left_ms(deadline));
}

static int run(const struct env *env, int argc, char **argv, struct error *err)
{
	struct daemon d = { .inotify = -1 };
	const struct supervise_ops ops = { .changed = on_change,
					   .signalled = on_signal,
					   .arg = &d };
	int r = start(&d, &ops, err);

	(void)env, (void)argc, (void)argv;
	if (r == 0) {
		while (supervise_turn(d.sup, -1))
			;
		wait_for_chronyd(&d);
	}
	supervise_free(d.sup);
	scope_close(&d.inotify);
	return r < 0 ? COMMAND_FAILED : COMMAND_OK;
}

const struct command command_ntp = {
	.name = "ntp",
	.run = run,
};
