/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SSH keys: ssh_authorized_keys and the metadata's for rancher, docker and the default user (for
 * root, too, with disable_root: false), and those of `users` for each of them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/modules/rows.h"
#include "agent/modules/sshkeys.h"
#include "agent/modules/userspec.h"

/* As cloud-init: who may not log in is told with which name he may. */
#define REDIRECT                                                                                 \
	"no-port-forwarding,no-agent-forwarding,no-X11-forwarding,command=\"echo 'Please login " \
	"as the user \\\"" USERSPEC_DEFAULT                                                      \
	"\\\" rather than the user \\\"%s\\\".';echo;sleep 10;exit 142\" "

static const char *const machine_users[] = { "rancher", "docker" };

struct work {
	const struct module_ctx *c;
	const struct doc_node *common[2]; /* the machine's keys */
	size_t n;			  /* good keys among them */
};

static enum module_result write_user(const struct work *w, const struct userspec *u)
{
	const struct doc_node *own = userspec_get(u, "ssh_authorized_keys");
	enum module_result result = MODULE_SKIPPED;
	char options[256];

	(void)sshkeys_check(w->c, own);
	if (u->is_default && w->n)
		result = sshkeys_write(w->c, u->name, w->common, ARRAY_LEN(w->common), "");
	if (userspec_flag(u, "ssh_redirect_user", false) && w->n) {
		(void)snprintf(options, sizeof(options), REDIRECT, u->name);
		result = module_worse(result, sshkeys_write(w->c, u->name, w->common,
							    ARRAY_LEN(w->common), options));
	}
	if (own)
		result = module_worse(result, sshkeys_write(w->c, u->name, &own, 1, ""));
	return result;
}

static enum module_result write_users(const struct work *w)
{
	AUTO_FREE struct userspec *all = calloc(USERSPEC_MAX, sizeof(*all));
	size_t n = all ? userspec_list(w->c->pool, w->c->config, true, all) : 0;
	enum module_result result = MODULE_SKIPPED;

	for (size_t i = 0; i < n; i++)
		result = module_worse(result, write_user(w, &all[i]));
	return result;
}

static enum module_result apply(const struct module_ctx *c, struct buf *message)
{
	/* false: the platform's keys are not wanted. */
	bool public = doc_bool(c->config, "allow_public_ssh_keys", true);
	struct work w = { .c = c,
			  .common = { doc_key(c->config, "ssh_authorized_keys"),
				      public ? c->instance->keys : NULL } };
	enum module_result result = MODULE_SKIPPED;

	for (size_t i = 0; i < ARRAY_LEN(w.common); i++)
		w.n += sshkeys_check(c, w.common[i]);
	for (size_t i = 0; w.n && i < ARRAY_LEN(machine_users); i++)
		result = module_worse(result, sshkeys_write(c, machine_users[i], w.common,
							    ARRAY_LEN(w.common), ""));
	if (w.n && !doc_bool(c->config, "disable_root", true))
		result = module_worse(result,
				      sshkeys_write(c, "root", w.common, ARRAY_LEN(w.common), ""));
	result = module_worse(result, write_users(&w));
	if (result == MODULE_SKIPPED)
		return result;
	buf_fmt(message, "%zu %s of the machine", w.n, w.n == 1 ? "key" : "keys");
	if (!c->privileged)
		buf_str(message, "; owners skipped: not root");
	return result;
}

const struct module module_ssh_authorized_keys = {
	.name = "ssh_authorized_keys",
	.apply = apply,
};
