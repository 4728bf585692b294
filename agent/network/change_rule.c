/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compares policy rules.
 */
#include <stdio.h>
#include <string.h>

#include "agent/network/address.h"
#include "agent/network/change_address.h"

static uint32_t or_zero(int64_t n)
{
	return n == NETWORK_UNSET ? 0 : (uint32_t)n;
}

/* The kernel leaves out what stands for everything. */
static void put_network(char *ret, const char *cidr)
{
	(void)snprintf(ret, NETWORK_ADDRESS, "%s", cidr && !network_is_default(cidr) ? cidr : "");
}

static struct state_rule wanted_rule(const struct network_rule *r)
{
	const char *any = r->from ? r->from : r->to;
	struct state_rule out = { .v6 = any && network_is_v6(any),
				  .ours = true,
				  .table = or_zero(r->table),
				  .priority = or_zero(r->priority),
				  .mark = or_zero(r->mark) };

	put_network(out.from, r->from);
	put_network(out.to, r->to);
	return out;
}

/* A rule without a priority gets one from the kernel. */
static bool same_rule(const struct state_rule *want, const struct state_rule *is)
{
	return is->ours && want->v6 == is->v6 && !strcmp(want->from, is->from) &&
	       !strcmp(want->to, is->to) && want->table == is->table && want->mark == is->mark &&
	       (!want->priority || want->priority == is->priority);
}

static bool has_rule(const struct state *s, const struct state_rule *r)
{
	for (size_t i = 0; i < s->n_rules; i++)
		if (same_rule(r, &s->rules[i]))
			return true;
	return false;
}

static bool rule_is_wanted(const struct want_list *want, const struct state_rule *is)
{
	for (size_t i = 0; i < want->n; i++)
		for (size_t k = 0; k < want->w[i].nic->n_rules; k++) {
			struct state_rule r = wanted_rule(&want->w[i].nic->rule[k]);

			if (same_rule(&r, is))
				return true;
		}
	return false;
}

void change_rule_plan(const struct want_list *want, const struct state *s, struct change_list *out)
{
	struct change *c;

	for (size_t i = 0; i < want->n; i++)
		for (size_t k = 0; k < want->w[i].nic->n_rules; k++) {
			struct state_rule r = wanted_rule(&want->w[i].nic->rule[k]);

			c = has_rule(s, &r)
				    ? NULL
				    : change_list_add(out, CHANGE_RULE_ADD, want->w[i].name);
			if (c)
				c->rule = r;
		}
	for (size_t i = 0; i < s->n_rules; i++) {
		if (!s->rules[i].ours || rule_is_wanted(want, &s->rules[i]))
			continue;
		c = change_list_add(out, CHANGE_RULE_DEL, "");
		if (c)
			c->rule = s->rules[i];
	}
}
