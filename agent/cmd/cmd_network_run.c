/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `ros network run`: the network service. Makes the network what SPEC_PATH says, keeps dhcpcd
 * running for the interfaces that need it, and does so again when the specification changes, and
 * when links come, go, or are taken down by others.
 *
 * Nothing here waits for DHCP. Commands after an interface is up (post_up) wait for its address,
 * beside everything else, and run without one when dhcp_timeout is over; post_cmds come last.
 */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>

#include "agent/command.h"
#include "agent/message.h"
#include "agent/network/netd.h"
#include "agent/network/netlink.h"
#include "lib/clock.h"
#include "lib/supervise.h"

#define DHCPCD      "/usr/sbin/dhcpcd"
#define DHCPCD_CONF "/run/dhcpcd.conf"
/* Links that are made come with a burst of messages. */
#define SETTLE_MS 30
#define STOP_MS   5000

struct daemon {
	struct netd *s;
	struct supervise *sup;
	int netlink, inotify;
	bool dhcpcd; /* it is one of sup's children */
};

static void set_timer(struct daemon *d);

/* --- dhcpcd --- */

static void start_dhcpcd(struct daemon *d)
{
	static const char *const argv[] = { DHCPCD, "--nobackground", "--config", DHCPCD_CONF,
					    NULL };
	struct supervise_spec spec = { .name = "dhcpcd",
				       .proc = { .argv = argv, .in = -1, .out = 1, .err = 2 },
				       .backoff_max_ms = 5000 };
	struct error err = { 0 };

	if (!d->dhcpcd && supervise_add(d->sup, &spec, &err) == 0)
		d->dhcpcd = true;
	else if (d->dhcpcd)
		supervise_restart(d->sup, "dhcpcd");
	else
		journal_say(JOURNAL_FAIL, "network", "dhcpcd: %s", err.msg);
	netd_dhcpcd_started(d->s);
}

/* A new file: dhcpcd reads it again without letting go of what it has. One that is just starting
 * may have read the old one and not listen yet: it is asked by signal. */
static void tell_dhcpcd(struct daemon *d)
{
	const struct supervise_child *c = supervise_find(d->sup, "dhcpcd");
	bool wanted = netd_wants_dhcpcd(d->s);

	if (!wanted && c)
		supervise_stop(d->sup, "dhcpcd", STOP_MS);
	else if (wanted && (!c || c->pid <= 0 || c->state == SUPERVISE_STOPPING))
		start_dhcpcd(d);
	else if (wanted && !netd_tell_dhcpcd(d->s))
		(void)kill(c->pid, SIGHUP);
}

/* --- events --- */

static void refresh(struct daemon *d, bool whole)
{
	if (netd_refresh(d->s, whole, DHCPCD_CONF))
		tell_dhcpcd(d);
	set_timer(d);
}

static void reload(struct daemon *d)
{
	struct error err = { 0 };
	int r = netd_load(d->s, &err);

	if (r < 0)
		message_say(JOURNAL_FAIL, "network", "network: %s", err.msg);
	else if (r > 0)
		refresh(d, true);
}

static void on_timer(void *arg)
{
	struct daemon *d = arg;

	switch (netd_due(d->s, clock_ms())) {
	case NETD_DUE_REFRESH:
		refresh(d, false);
		break;
	case NETD_DUE_RELOAD:
		reload(d);
		break;
	case NETD_DUE_NOTHING:
		break;
	}
	set_timer(d);
}

static void set_timer(struct daemon *d)
{
	supervise_timer(d->sup, netd_next_ms(d->s), on_timer, d);
}

static void on_netlink(void *arg, int fd)
{
	struct daemon *d = arg;

	netd_news(d->s, fd, clock_ms() + SETTLE_MS);
	set_timer(d);
}

static void on_file(void *arg, int fd)
{
	char events[4096] __attribute__((aligned(__alignof__(struct inotify_event))));

	while (read(fd, events, sizeof(events)) > 0)
		;
	reload(arg);
}

static bool on_signal(void *arg, int signo)
{
	struct daemon *d = arg;

	if (signo == SIGHUP) {
		netd_forget(d->s);
		reload(d);
		return true;
	}
	/* dhcpcd leaves addresses where they are ("persistent"). */
	supervise_stop(d->sup, NULL, STOP_MS);
	return false;
}

static void on_change(void *arg, const struct supervise_child *c, enum supervise_state from)
{
	(void)arg, (void)from;
	if (c->state == SUPERVISE_BACKOFF)
		journal_say(JOURNAL_WARNING, "network", "dhcpcd ended, and is started again");
}

/* --- the program --- */

static int watch_spec(struct daemon *d, struct error *err)
{
	d->inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (d->inotify < 0 || netd_watch(d->inotify) < 0)
		return error_sys(err, errno, "watch /run/ros");
	return supervise_watch(d->sup, d->inotify, on_file, d, err);
}

static int prepare(struct daemon *d, const struct supervise_ops *ops, struct error *err)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP };
	const unsigned groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR |
				RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE;
	int r = supervise_new(ops, signals, ARRAY_LEN(signals), NULL, &d->sup, err);

	if (r == 0)
		r = netlink_open(groups, &d->netlink, err);
	if (r == 0)
		r = supervise_watch(d->sup, d->netlink, on_netlink, d, err);
	return r == 0 ? watch_spec(d, err) : r;
}

static void wait_for_children(struct daemon *d)
{
	const int64_t deadline = clock_ms() + STOP_MS;
	const struct supervise_child *c;

	while ((c = supervise_find(d->sup, "dhcpcd")) && c->pid > 0 && clock_left_ms(deadline))
		(void)supervise_turn(d->sup, clock_left_ms(deadline));
}

static int run(const struct env *env, int argc, char **argv, struct error *err)
{
	struct daemon d = { .netlink = -1, .inotify = -1 };
	const struct supervise_ops ops = { .changed = on_change,
					   .signalled = on_signal,
					   .arg = &d };
	int r = netd_new(&d.s, err);

	(void)argc, (void)argv;
	if (r == 0)
		r = prepare(&d, &ops, err);
	if (r == 0)
		r = netd_begin(d.s, env->root, err);
	if (r == 0) {
		refresh(&d, true);
		while (supervise_turn(d.sup, -1))
			;
		wait_for_children(&d);
	}
	supervise_free(d.sup);
	scope_close(&d.netlink);
	scope_close(&d.inotify);
	netd_free(d.s);
	return r < 0 ? COMMAND_FAILED : COMMAND_OK;
}

const struct command command_network_run = {
	.name = "network run",
	.run = run,
};
