/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What RancherOS let one choose and this system does not have: a line says what is used instead.
 */
#include <string.h>

#include "agent/modules/rows.h"

static enum module_result apply(const struct module_ctx *c, struct buf *message)
{
	const struct doc_node *console = doc_at(c->config, "rancher.console");
	const struct doc_node *engine = doc_at(c->config, "rancher.docker.engine");
	const char *name = module_text(console), *version = module_text(engine);

	if (name && *name && strcmp(name, "default")) {
		doc_say(c->pool, false, console->origin,
			"the console %.40s is not here (RancherOS' consoles are frozen since "
			"2019): "
			"the default one runs",
			name);
		buf_str(message, "the default console runs");
	}
	if (version && *version && strcmp(version, "default")) {
		doc_say(c->pool, false, engine->origin,
			"the engine %.40s is not here: the system's own Docker, which is newer, "
			"runs",
			version);
		buf_fmt(message, "%sthe system's own Docker runs", message->len ? ", " : "");
	}
	return MODULE_SKIPPED;
}

const struct module module_console = {
	.name = "console",
	.apply = apply,
	.keys = { "rancher.console", "rancher.docker.engine" },
};
