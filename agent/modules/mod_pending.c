/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys that are understood but not applied by this version: each is named, so that nobody waits for
 * an effect that does not come. A key leaves this list when its module is there.
 */
#include "agent/modules/rows.h"

static const char *const keys[] = { "mounts" };

static enum module_result apply(const struct module_ctx *c, struct buf *message)
{
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		const struct doc_node *n = doc_key(c->config, keys[i]);

		if (!n || n->len == 0)
			continue;
		doc_say(c->pool, false, n->origin,
			"%s is not applied by this version (runcmd runs before user Docker)",
			keys[i]);
		buf_fmt(message, "%s%s", message->len ? ", " : "not applied: ", keys[i]);
	}
	return MODULE_SKIPPED;
}

const struct module module_pending = {
	.name = "pending",
	.apply = apply,
};
