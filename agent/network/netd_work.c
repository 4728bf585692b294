/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does it: firewall, commands, the kernel's part, dhcpcd's file, name servers.
 */
#include "agent/network/netd_work.h"

#include <stdio.h>
#include <stdlib.h>

#include "agent/message.h"
#include "agent/network/firewall.h"
#include "agent/network/lease.h"
#include "agent/network/match.h"
#include "agent/network/netlink.h"
#include "agent/network/spec.h"
#include "agent/network/update.h"
#include "lib/clock.h"
#include "lib/file.h"

struct work {
	struct netd *d;
	struct spec spec;
	struct doc_pool *p;
	struct update *u;
	bool failed;
};

static bool write_conf(struct work *work, const char *path)
{
	struct error err = { 0 };
	int r = dhcp_run_write(&work->d->dhcp, work->d->root, work->spec.net, &work->u->want, path,
			       &err);

	if (r < 0)
		doc_say(work->p, true, (struct doc_origin){ 0 }, "%s", err.msg);
	return r > 0;
}

uint64_t netd_work_sum(const struct state *s)
{
	uint64_t sum = 14695981039346656037u;

	for (size_t i = 0; i < s->n_links; i++) {
		const struct state_link *l = &s->links[i];
		char text[64];

		if (match_is_foreign(l) && !l->ours)
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

	work->d->links = netd_work_sum(s);
	for (size_t i = 0; i < work->u->want.n; i++)
		note_kept(work, s, &work->u->want.w[i]);
}

static void before(void *arg, const struct want *w)
{
	struct work *work = arg;

	commands_before(&work->d->commands, work->spec.net, w);
}

static void after(void *arg, const struct want *w)
{
	struct work *work = arg;

	commands_after(&work->d->commands, work->spec.net, w);
}

/* Commands that waited for an address. */
static void look_at_pending(struct work *work)
{
	struct state s = { 0 };
	AUTO_CLOSE int fd = -1;

	if (netlink_open(0, &fd, NULL) == 0 && state_read(fd, &s, NULL) == 0)
		commands_run_ready(&work->d->commands, work->spec.net, &s, &work->u->want);
	state_done(&s);
}

/* --- what is said of it --- */

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

static void journal_work(const struct work *work, int64_t start)
{
	struct journal_event ev = { .kind = JOURNAL_STEP_END, .unit = "network/apply" };
	char text[80];

	(void)snprintf(text, sizeof(text), "%zu changes%s", work->u->steps,
		       work->d->waits ? ", more once DHCP has answered" : "");
	ev.ms = clock_ms() - start;
	ev.text = text;
	(void)!journal_append(&ev, NULL);
}

/* --- a piece of work --- */

/* The specification, anew. */
static bool begin(struct work *work)
{
	struct error err = { 0 };

	if (work->u && doc_pool_new(&work->p, &err) == 0 &&
	    spec_load(work->d->root, work->p, SPEC_PATH, &work->spec, &err) == 0)
		return true;
	message_say(JOURNAL_FAIL, "network", "network: %s", work->u ? err.msg : "no memory");
	return false;
}

static void begin_whole(struct work *work)
{
	struct error err = { 0 };

	if (firewall_apply(work->p, doc_key(work->spec.doc, "firewall"),
			   doc_bool(work->spec.doc, "block_metadata", false), &err) < 0)
		doc_say(work->p, true, (struct doc_origin){ 0 }, "%s", err.msg);
	commands_begin(&work->d->commands, work->spec.net);
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

bool netd_work(struct netd *d, bool whole, const char *conf)
{
	AUTO_FREE struct update *u = calloc(1, sizeof(*u));
	struct work work = { .d = d, .u = u };
	int64_t start = clock_ms();
	bool tell = false;

	if (begin(&work)) {
		network_settle(work.spec.net);
		u->net = work.spec.net;
		u->ops = (struct update_ops){ before, after, seen, &work };
		tell = do_work(&work, whole, conf);
		if (whole || u->steps)
			journal_work(&work, start);
	}
	doc_pool_free(work.p);
	return tell;
}

void netd_work_commands(struct netd *d)
{
	AUTO_FREE struct update *u = calloc(1, sizeof(*u));
	struct work work = { .d = d, .u = u };

	if (begin(&work)) {
		look_at_pending(&work);
		say_messages(&work, true);
	}
	doc_pool_free(work.p);
}
