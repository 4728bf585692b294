/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Takes specifications, and knows what is due.
 */
#include "agent/network/netd.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/inotify.h>

#include "agent/message.h"
#include "agent/network/netd_work.h"
#include "agent/network/netlink.h"
#include "agent/network/respec.h"
#include "agent/network/spec.h"
#include "lib/clock.h"
#include "lib/file.h"

/* This boot's first start of the service is over. */
#define STARTED "/run/ros/network.started"

int netd_new(struct netd **ret, struct error *err)
{
	struct netd *d = calloc(1, sizeof(*d));

	if (!d)
		return error_set(err, ENOMEM, "no memory for the network service");
	d->dhcp.conf = BUF_WITH_LIMIT(DHCP_RUN_CONF);
	d->id = -1;
	*ret = d;
	return 0;
}

void netd_free(struct netd *d)
{
	if (d)
		buf_done(&d->dhcp.conf);
	free(d);
}

/* --- specifications --- */

/* Nobody has confirmed the last change. */
static int take_back(struct netd *d, struct error *err)
{
	int r = network_spec_go_back(d->root, err);

	if (r == 0)
		message_say(JOURNAL_WARNING, "network",
			    "network: the change was not confirmed, and is taken back");
	return r;
}

int netd_begin(struct netd *d, int root, struct error *err)
{
	const struct file_attr attr = { .mode = 0644, .relaxed = true };
	bool again = file_exists(root, STARTED);
	int r = 0;

	d->root = root;
	if (file_exists(root, SPEC_BEFORE))
		r = take_back(d, err);
	else if (again || !file_exists(root, SPEC_PATH))
		r = network_spec_remake(d->root, err);
	if (r == 0)
		r = file_publish(root, STARTED, "", 0, &attr, NULL, err);
	return r < 0 ? r : netd_load(d, err) < 0 ? -EIO : 0;
}

int netd_load(struct netd *d, struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	struct spec s;
	int r = doc_pool_new(&p, err);

	if (r == 0)
		r = spec_load(d->root, p, SPEC_PATH, &s, err);
	if (r < 0)
		return r;
	if (s.id == d->id)
		return 0;
	d->id = s.id;
	d->confirm_ms = s.confirm_ms > 0 ? clock_ms() + s.confirm_ms : 0;
	if (!d->confirm_ms)
		network_spec_settled(d->root);
	return 1;
}

void netd_forget(struct netd *d)
{
	d->id = -1;
}

int netd_watch(int inotify)
{
	/* Files there are renamed into place. */
	return inotify_add_watch(inotify, "/run/ros", IN_MOVED_TO | IN_ONLYDIR) < 0 ? -errno : 0;
}

/* --- the work --- */

bool netd_refresh(struct netd *d, bool whole, const char *conf)
{
	d->refresh_ms = 0;
	return netd_work(d, whole, conf);
}

bool netd_wants_dhcpcd(const struct netd *d)
{
	return d->dhcp.conf.len > 0;
}

void netd_dhcpcd_started(struct netd *d)
{
	d->dhcp.tells.n = 0;
}

bool netd_tell_dhcpcd(struct netd *d)
{
	return dhcp_run_tell(&d->dhcp, NULL) == 0;
}

/* --- what is due --- */

static bool links_changed(struct netd *d)
{
	struct state s = { 0 };
	AUTO_CLOSE int fd = -1;
	bool changed = netlink_open(0, &fd, NULL) == 0 && state_read_links(fd, &s, NULL) == 0 &&
		       netd_work_sum(&s) != d->links;

	state_done(&s);
	return changed;
}

void netd_news(struct netd *d, int fd, int64_t due_ms)
{
	unsigned news;

	netlink_drain(fd, &news);
	if (!d->refresh_ms && (((news & (NETLINK_LINKS | NETLINK_LOST)) && links_changed(d)) ||
			       (d->waits && (news & (NETLINK_ROUTES | NETLINK_ADDRESSES)))))
		d->refresh_ms = due_ms;
	if (!d->check_ms && commands_wait(&d->commands) && (news & NETLINK_ADDRESSES))
		d->check_ms = due_ms;
}

static int64_t sooner(int64_t a, int64_t b)
{
	return !a ? b : !b ? a : a < b ? a : b;
}

int64_t netd_next_ms(const struct netd *d)
{
	int64_t next = sooner(sooner(d->refresh_ms, d->check_ms), d->confirm_ms);

	return sooner(next, commands_next_ms(&d->commands));
}

static bool is_due(int64_t when, int64_t now)
{
	return when && when <= now;
}

enum netd_due netd_due(struct netd *d, int64_t now_ms)
{
	struct error err = { 0 };

	if (is_due(d->check_ms, now_ms) || is_due(commands_next_ms(&d->commands), now_ms)) {
		d->check_ms = 0;
		netd_work_commands(d);
	}
	if (is_due(d->confirm_ms, now_ms)) {
		d->confirm_ms = 0;
		if (take_back(d, &err) < 0)
			message_say(JOURNAL_FAIL, "network", "network: %s", err.msg);
		return NETD_DUE_RELOAD;
	}
	return is_due(d->refresh_ms, now_ms) ? NETD_DUE_REFRESH : NETD_DUE_NOTHING;
}
