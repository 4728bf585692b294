/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The password that the platform made for this machine (CloudStack, Exoscale) becomes the default
 * user's. It is kept nowhere but as a hash, and what user-data says of passwords goes before it.
 */
#include <string.h>

#include "agent/modules/passwords.h"
#include "agent/modules/rows.h"

static bool wanted(const struct module_ctx *c)
{
	return c->instance->password != NULL;
}

static int set(const struct module_ctx *c, const char *user, bool *changed, struct error *err)
{
	struct accountdb db = { 0 };
	int r;

	passwords_lock(c);
	r = accountdb_load(c->root, c->privileged, &db, err);
	if (r == 0)
		r = passwords_set(&db, user, c->instance->password, false, false, err);
	if (r == 0)
		r = accountdb_save(&db, changed, err);
	passwords_unlock(c);
	accountdb_done(&db);
	return r;
}

static enum module_result apply(const struct module_ctx *c, struct buf *message)
{
	const char *user = passwords_default_user(c->config);
	struct error err = { 0 };
	bool changed = false;

	if (set(c, user, &changed, &err) < 0)
		return module_fail(c, (struct doc_origin){ 0 }, "the platform's password: %s",
				   err.msg);
	buf_fmt(message, "set for %s", user);
	return module_changed(changed);
}

const struct module module_platform_password = {
	.name = "platform_password",
	.apply = apply,
	.wanted = wanted,
};
