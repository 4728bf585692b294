/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the network service is told (agent/network/spec.h). The firewall is put in force here, too:
 * before anything listens.
 */
#include "agent/modules/rows.h"
#include "agent/network/firewall.h"
#include "agent/network/spec.h"

static enum module_result apply(const struct module_ctx *c, struct buf *message)
{
	bool named = c->instance->hostname || spec_is_named(c->root, c->pool, c->config);
	const struct doc_node *doc = spec_make(c->pool, c->config, named);
	struct error err = { 0 };
	bool changed = false;
	int64_t id;

	(void)message;
	if (!doc)
		return module_fail(c, (struct doc_origin){ 0 }, "no memory for the network");
	/* Its own mistakes are messages of the pool. */
	if (c->live && firewall_apply(c->pool, doc_key(doc, "firewall"),
				      doc_bool(doc, "block_metadata", false), &err) < 0)
		return module_fail(c, (struct doc_origin){ 0 }, "%s", err.msg);
	if (spec_is_current(c->root, c->pool, doc))
		return MODULE_UNCHANGED;
	if (spec_publish(c->root, c->pool, doc, 0, &changed, &id, &err) < 0)
		return module_fail(c, (struct doc_origin){ 0 }, "%s", err.msg);
	return module_changed(changed);
}

const struct module module_network = {
	.name = "network",
	.apply = apply,
};
