/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loop of looking and changing.
 */
#include "agent/network/update.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/network/exec.h"
#include "agent/network/netlink.h"

/* A step may bring others with it (a route that waits for its address); more rounds than this are a
 * circle. */
#define ROUNDS 5

struct round {
	struct update *u;
	int fd;
	struct state state;
	struct change_list list;
	bool *done;
	bool quiet; /* failures may be mended in the next round */
	size_t failed;
};

static void carry_out(struct round *r, size_t i)
{
	struct error err = { 0 };

	if (r->done[i])
		return;
	r->done[i] = true;
	if (exec_change(r->fd, &r->list.all[i], &err) == 0) {
		r->u->steps++;
		return;
	}
	r->failed++;
	if (!r->quiet)
		doc_say(r->u->net->p, true, (struct doc_origin){ 0 }, "%s", err.msg);
}

/* What is taken away comes last, and what others stand on first: those are nobody's own. */
static bool is_own(const struct change *c, const char *name)
{
	return !strcmp(c->link, name) && c->kind != CHANGE_LINK_ADD && c->kind != CHANGE_RENAME &&
	       c->kind < CHANGE_RULE_DEL;
}

static void for_each_want(struct round *r)
{
	const struct want_list *want = &r->u->want;

	for (size_t i = 0; i < r->list.n; i++)
		if (r->list.all[i].kind <= CHANGE_RENAME)
			carry_out(r, i);
	for (size_t k = 0; k < want->n; k++) {
		const struct want *w = &want->w[k];

		if (!w->nic->pre_up.n && !w->nic->post_up.n)
			continue;
		r->u->ops.before(r->u->ops.arg, w);
		for (size_t i = 0; i < r->list.n; i++)
			if (is_own(&r->list.all[i], w->name))
				carry_out(r, i);
		r->u->ops.after(r->u->ops.arg, w);
	}
}

static int look(struct round *r, struct error *err)
{
	int ret = state_read(r->fd, &r->state, err);

	if (ret < 0)
		return ret;
	want_resolve(r->u->net, &r->state, &r->u->want);
	if (r->u->ops.seen)
		r->u->ops.seen(r->u->ops.arg, &r->state);
	return change_plan(r->u->net, &r->u->want, &r->state, &r->list, err);
}

static int run_round(struct round *r, bool first, struct error *err)
{
	AUTO_FREE bool *done = NULL;
	int ret = look(r, err);

	if (ret < 0)
		return ret;
	done = calloc(r->list.n + 1, sizeof(*done));
	if (!done)
		return error_set(err, ENOMEM, "no memory for %zu changes", r->list.n);
	r->done = done;
	if (first && r->u->ops.before)
		for_each_want(r);
	for (size_t i = 0; i < r->list.n; i++)
		carry_out(r, i);
	r->u->waits = r->list.waits;
	return r->list.n > 0;
}

int update_run(struct update *u, struct error *err)
{
	AUTO_CLOSE int fd = -1;
	int ret = netlink_open(0, &fd, err);

	for (int n = 0; ret == 0 && n < ROUNDS; n++) {
		struct round r = { .u = u, .fd = fd, .quiet = n + 1 < ROUNDS };
		size_t before = u->steps;

		ret = run_round(&r, n == 0, err);
		change_list_done(&r.list);
		state_done(&r.state);
		for (size_t i = 0; i < u->want.n; i++)
			u->want.w[i].link = NULL;
		if (ret <= 0)
			break;
		ret = 0;
		/* Nothing went better than last time: say what is wrong, and leave it. */
		if (u->steps == before && n + 2 < ROUNDS)
			n = ROUNDS - 2;
	}
	return ret < 0 ? ret : 0;
}

int update_show(struct network *net, struct buf *out, size_t *ret_n, struct error *err)
{
	struct update *u = calloc(1, sizeof(*u));
	struct round r = { .u = u };
	int ret = u ? netlink_open(0, &r.fd, err) : error_set(err, ENOMEM, "no memory");

	if (ret == 0) {
		u->net = net;
		ret = look(&r, err);
		scope_close(&r.fd);
	}
	for (size_t i = 0; ret == 0 && i < r.list.n; i++) {
		change_text(&r.list.all[i], out);
		buf_char(out, '\n');
	}
	*ret_n = r.list.n;
	change_list_done(&r.list);
	state_done(&r.state);
	free(u);
	return ret;
}
