/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does the network service's work.
 */
#include "agent/network/netd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>

#include "agent/message.h"
#include "agent/network/address.h"
#include "agent/network/dhcp_run.h"
#include "agent/network/firewall.h"
#include "agent/network/hooks.h"
#include "agent/network/lease.h"
#include "agent/network/netlink.h"
#include "agent/network/respec.h"
#include "agent/network/update.h"
#include "lib/clock.h"
#include "lib/file.h"

/* This boot's first start of the service is over. */
#define STARTED "/run/ros/network.started"

/* An interface whose commands wait for its address. */
struct pending {
	char name[NETWORK_NAME];
	int64_t deadline_ms;
};

struct netd {
	int root;
	int64_t id;
	int64_t refresh_ms, check_ms, confirm_ms; /* when they are due; 0 never */
	bool waits, post_cmds;                    /* post_cmds: they are still to run */
	uint64_t links;                           /* a sum over those that were acted upon */
	struct dhcp_run dhcp;
	struct dhcp_names ran; /* whose commands ran */
	struct pending pending[DHCP_RUN_MAX];
	size_t n_pending;
};

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

int netd_begin(struct netd *d, int root, struct error *err)
{
	const struct file_attr attr = { .mode = 0644, .relaxed = true };
	bool again = file_exists(root, STARTED);
	int r = 0;

	d->root = root;
	if (file_exists(root, SPEC_BEFORE))
		r = network_spec_go_back(d->root, err);
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

/* --- commands --- */

struct work {
	struct netd *d;
	struct spec spec;
	struct doc_pool *p;
	struct update *u;
	bool failed;
};

static void before(void *arg, const struct want *w)
{
	struct work *work = arg;

	if (!dhcp_run_has(&work->d->ran, w->name))
		hooks_run(work->p, &w->nic->pre_up, w->name);
}

static void wait_for_address(struct work *work, const struct want *w)
{
	struct netd *d = work->d;
	int64_t seconds = work->spec.net->dhcp_timeout;

	if (d->n_pending == DHCP_RUN_MAX || !w->nic->post_up.n)
		return;
	d->pending[d->n_pending].deadline_ms = clock_ms() + (seconds > 0 ? seconds : 10) * 1000;
	memcpy(d->pending[d->n_pending++].name, w->name, NETWORK_NAME);
}

static void after(void *arg, const struct want *w)
{
	struct work *work = arg;

	if (dhcp_run_has(&work->d->ran, w->name))
		return;
	dhcp_run_add(&work->d->ran, w->name);
	if (w->dynamic)
		wait_for_address(work, w);
	else
		hooks_run(work->p, &w->nic->post_up, w->name);
}

/* An address that came by itself: with DHCP, one of IPv4. A static one beside it is no lease. */
static bool has_lease(const struct state *s, const char *name, const struct network_if *nic)
{
	const struct state_link *link = state_find_link(s, name);

	for (size_t i = 0; link && i < s->n_addresses; i++) {
		const struct state_address *a = &s->addresses[i];

		if (a->link == link->index && !a->kernel && !a->ours &&
		    (nic->dhcp != NETWORK_YES || !network_is_v6(a->cidr)))
			return true;
	}
	return false;
}

/* The interface of the model that a link of this name is. */
static const struct network_if *nic_of(struct work *work, const struct state *s, const char *name)
{
	want_resolve(work->spec.net, s, &work->u->want);
	for (size_t i = 0; i < work->u->want.n; i++)
		if (!strcmp(work->u->want.w[i].name, name))
			return work->u->want.w[i].nic;
	return NULL;
}

/* post_up of interfaces that have their address now, or had their time; post_cmds after the last.
 */
static void run_pending(struct work *work, const struct state *s)
{
	struct netd *d = work->d;

	for (size_t i = 0; i < d->n_pending;) {
		struct pending *w = &d->pending[i];
		const struct network_if *nic = nic_of(work, s, w->name);

		if (nic && !has_lease(s, w->name, nic) && w->deadline_ms > clock_ms()) {
			i++;
			continue;
		}
		if (nic)
			hooks_run(work->p, &nic->post_up, w->name);
		memmove(w, w + 1, (--d->n_pending - i) * sizeof(*w));
	}
	if (d->n_pending == 0 && d->post_cmds) {
		d->post_cmds = false;
		hooks_run(work->p, &work->spec.net->post_cmds, "");
	}
}

/* --- dhcpcd --- */

static bool write_conf(struct work *work, const char *path)
{
	struct error err = { 0 };
	int r = dhcp_run_write(&work->d->dhcp, work->d->root, work->spec.net, &work->u->want, path,
			       &err);

	if (r < 0)
		doc_say(work->p, true, (struct doc_origin){ 0 }, "%s", err.msg);
	return r > 0;
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

/* --- the work --- */

static uint64_t sum_of(const struct state *s)
{
	uint64_t sum = 14695981039346656037u;

	for (size_t i = 0; i < s->n_links; i++) {
		const struct state_link *l = &s->links[i];
		char text[64];

		if (want_is_foreign(l) && !l->ours)
			continue;
		(void)snprintf(text, sizeof(text), "%d %s %d;", l->index, l->name, l->up);
		for (const char *c = text; *c; c++)
			sum = (sum ^ (unsigned char)*c) * 1099511628211u;
	}
	return sum;
}

static void update(struct work *work)
{
	struct error err = { 0 };

	if (update_run(work->u, &err) < 0)
		doc_say(work->p, true, (struct doc_origin){ 0 }, "%s", err.msg);
	work->d->waits = work->u->waits;
}

/* A lease's address on an interface that is static from now on, and has the same. */
static void note_kept(struct work *work, const struct state *s, const struct want *w)
{
	for (size_t i = 0; w->link && !w->dynamic && i < s->n_addresses; i++)
		if (s->addresses[i].link == w->link->index && !s->addresses[i].permanent &&
		    network_has_text(&w->nic->addresses, s->addresses[i].cidr))
			dhcp_run_add(&work->d->dhcp.keeps, w->name);
}

/* A change that comes after this look is another one, and is looked at again. */
static void seen(void *arg, const struct state *s)
{
	struct work *work = arg;

	work->d->links = sum_of(s);
	for (size_t i = 0; i < work->u->want.n; i++)
		note_kept(work, s, &work->u->want.w[i]);
}

/* Commands that waited for an address. */
static void look_at_pending(struct work *work)
{
	struct state s = { 0 };
	AUTO_CLOSE int fd = -1;

	if (netlink_open(0, &fd, NULL) == 0 && state_read(fd, &s, NULL) == 0)
		run_pending(work, &s);
	state_done(&s);
}

static void say_messages(struct work *work, bool whole)
{
	size_t n;
	const struct doc_message *m = doc_messages(work->p, &n);

	for (size_t i = 0; i < n; i++) {
		AUTO_BUF struct buf line = { 0 };

		work->failed |= m[i].is_error;
		doc_message_text(&m[i], &line);
		if (whole || m[i].is_error)
			message_say(m[i].is_error ? JOURNAL_FAIL : JOURNAL_WARNING, "network",
				    "network: %s", buf_text(&line));
	}
}

static void write_status(struct work *work)
{
	const struct file_attr attr = { .mode = 0644, .relaxed = true };
	AUTO_BUF struct buf b = { 0 };

	buf_fmt(&b, "{\"id\":%lld,\"ok\":%s,\"messages\":", (long long)work->spec.id,
		work->failed ? "false" : "true");
	doc_messages_json(work->p, &b);
	buf_str(&b, "}\n");
	(void)!file_publish(work->d->root, SPEC_STATUS, buf_text(&b), b.len, &attr, NULL, NULL);
}

static void begin_whole(struct work *work)
{
	struct error err = { 0 };

	work->d->ran.n = 0;
	work->d->n_pending = 0;
	work->d->post_cmds = true;
	if (firewall_apply(work->p, doc_key(work->spec.doc, "firewall"),
			   doc_bool(work->spec.doc, "block_metadata", false), &err) < 0)
		doc_say(work->p, true, (struct doc_origin){ 0 }, "%s", err.msg);
	hooks_run(work->p, &work->spec.net->pre_cmds, "");
}

static bool do_work(struct work *work, bool whole, const char *conf)
{
	struct error err = { 0 };
	size_t released = work->d->dhcp.has.n;
	bool tell;

	if (whole)
		begin_whole(work);
	update(work);
	if (whole)
		want_report(work->spec.net, &work->u->want);
	tell = write_conf(work, conf);
	/* What a released lease left behind. */
	if (tell && released)
		update(work);
	if (lease_publish_dns(work->d->root, work->p, &work->spec, &err) < 0)
		doc_say(work->p, true, (struct doc_origin){ 0 }, "%s", err.msg);
	look_at_pending(work);
	say_messages(work, whole);
	if (whole)
		write_status(work);
	return tell;
}

bool netd_refresh(struct netd *d, bool whole, const char *conf)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	AUTO_FREE struct update *u = calloc(1, sizeof(*u));
	struct journal_event ev = { .kind = JOURNAL_STEP_END, .unit = "network/apply" };
	struct work work = { .d = d, .u = u };
	int64_t start = clock_ms();
	struct error err = { 0 };
	char text[80];
	bool tell;

	d->refresh_ms = 0;
	if (!u || doc_pool_new(&p, &err) < 0 ||
	    spec_load(d->root, p, SPEC_PATH, &work.spec, &err) < 0) {
		message_say(JOURNAL_FAIL, "network", "network: %s", u ? err.msg : "no memory");
		return false;
	}
	network_settle(work.spec.net);
	work.p = p;
	u->net = work.spec.net;
	u->ops = (struct update_ops){ before, after, seen, &work };
	tell = do_work(&work, whole, conf);
	(void)snprintf(text, sizeof(text), "%zu changes%s", u->steps,
		       d->waits ? ", more once DHCP has answered" : "");
	ev.ms = clock_ms() - start;
	ev.text = text;
	if (whole || u->steps)
		(void)!journal_append(&ev, NULL);
	return tell;
}

/* --- what is due --- */

static bool links_changed(struct netd *d)
{
	struct state s = { 0 };
	AUTO_CLOSE int fd = -1;
	bool changed = netlink_open(0, &fd, NULL) == 0 && state_read_links(fd, &s, NULL) == 0 &&
		       sum_of(&s) != d->links;

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
	if (!d->check_ms && d->n_pending && (news & NETLINK_ADDRESSES))
		d->check_ms = due_ms;
}

static int64_t sooner(int64_t a, int64_t b)
{
	return !a ? b : !b ? a : a < b ? a : b;
}

int64_t netd_next_ms(const struct netd *d)
{
	int64_t next = sooner(sooner(d->refresh_ms, d->check_ms), d->confirm_ms);

	for (size_t i = 0; i < d->n_pending; i++)
		next = sooner(next, d->pending[i].deadline_ms);
	return next;
}

static bool is_due(int64_t when, int64_t now)
{
	return when && when <= now;
}

static void check_pending(struct netd *d)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	AUTO_FREE struct update *u = calloc(1, sizeof(*u));
	struct work work = { .d = d, .u = u };

	if (!u || doc_pool_new(&p, NULL) < 0 ||
	    spec_load(d->root, p, SPEC_PATH, &work.spec, NULL) < 0)
		return;
	work.p = p;
	look_at_pending(&work);
	say_messages(&work, true);
}

enum netd_due netd_due(struct netd *d, int64_t now_ms)
{
	struct error err = { 0 };
	bool check = is_due(d->check_ms, now_ms);

	for (size_t i = 0; i < d->n_pending; i++)
		check |= is_due(d->pending[i].deadline_ms, now_ms);
	if (check) {
		d->check_ms = 0;
		check_pending(d);
	}
	if (is_due(d->confirm_ms, now_ms)) {
		d->confirm_ms = 0;
		message_say(JOURNAL_WARNING, "network",
			    "network: the change was not confirmed, and is taken back; the stored "
			    "configuration still has it, and the next start makes it again (undo "
			    "it with ros config set)");
		if (network_spec_go_back(d->root, &err) < 0)
			message_say(JOURNAL_FAIL, "network", "network: %s", err.msg);
		return NETD_DUE_RELOAD;
	}
	return is_due(d->refresh_ms, now_ms) ? NETD_DUE_REFRESH : NETD_DUE_NOTHING;
}
