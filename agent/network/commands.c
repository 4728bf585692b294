/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs commands when it is their turn.
 */
#include "agent/network/commands.h"

#include <string.h>

#include "agent/network/address.h"
#include "agent/network/hooks.h"
#include "lib/clock.h"

/* How long post_up waits where dhcp_timeout says nothing. */
#define TIMEOUT_S 10

void commands_begin(struct commands *c, const struct network *net)
{
	c->ran.n = 0;
	c->n = 0;
	c->post_cmds = true;
	hooks_run(net->p, &net->pre_cmds, "");
}

void commands_before(struct commands *c, const struct network *net, const struct want *w)
{
	if (!dhcp_run_has(&c->ran, w->name))
		hooks_run(net->p, &w->nic->pre_up, w->name);
}

static void wait_for_address(struct commands *c, const struct network *net, const struct want *w)
{
	int64_t seconds = net->dhcp_timeout > 0 ? net->dhcp_timeout : TIMEOUT_S;

	if (c->n == DHCP_RUN_MAX || !w->nic->post_up.n)
		return;
	c->pending[c->n].deadline_ms = clock_ms() + seconds * 1000;
	memcpy(c->pending[c->n++].name, w->name, NETWORK_NAME);
}

void commands_after(struct commands *c, const struct network *net, const struct want *w)
{
	if (dhcp_run_has(&c->ran, w->name))
		return;
	dhcp_run_add(&c->ran, w->name);
	if (w->dynamic)
		wait_for_address(c, net, w);
	else
		hooks_run(net->p, &w->nic->post_up, w->name);
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

void commands_run_ready(struct commands *c, struct network *net, const struct state *s,
			struct want_list *scratch)
{
	if (c->n)
		want_resolve(net, s, scratch);
	for (size_t i = 0; i < c->n;) {
		struct commands_pending *p = &c->pending[i];
		const struct want *w = want_find(scratch, p->name);

		if (w && !has_lease(s, p->name, w->nic) && p->deadline_ms > clock_ms()) {
			i++;
			continue;
		}
		if (w)
			hooks_run(net->p, &w->nic->post_up, p->name);
		memmove(p, p + 1, (--c->n - i) * sizeof(*p));
	}
	if (c->n == 0 && c->post_cmds) {
		c->post_cmds = false;
		hooks_run(net->p, &net->post_cmds, "");
	}
}

bool commands_wait(const struct commands *c)
{
	return c->n > 0;
}

int64_t commands_next_ms(const struct commands *c)
{
	int64_t next = 0;

	for (size_t i = 0; i < c->n; i++)
		if (!next || c->pending[i].deadline_ms < next)
			next = c->pending[i].deadline_ms;
	return next;
}
