/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rancher.environment and the proxies of rancher.network for log-in shells: PATH (more places) and
 * the proxies, as RancherOS exported them. (Services name what they want.)
 */
#include <string.h>

#include "agent/modules/rows.h"
#include "agent/modules/runcmd.h"
#include "agent/network/proxy.h"

#define PROFILE "/etc/profile.d/20-rancher-environment.sh"

static void put(const char *name, const char *value, const char *before, struct buf *out)
{
	buf_fmt(out, "export %s=%s", name, before);
	runcmd_quote(value, out);
	buf_char(out, '\n');
}

/* RancherOS' value is a list with commas. */
static void put_path(const struct module_ctx *c, const char *value, struct buf *out)
{
	char *path = doc_alloc(c->pool, strlen(value) + 1);

	if (!path)
		return;
	memcpy(path, value, strlen(value) + 1);
	for (char *s = path; *s; s++)
		if (*s == ',')
			*s = ':';
	put("PATH", path, "$PATH:", out);
}

static enum module_result apply(const struct module_ctx *c, struct buf *message)
{
	const struct doc_node *env = proxy_environment(c->pool, c->config);
	const char *path = module_text(doc_key(env, "PATH"));
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(64u << 10);
	size_t head;

	(void)message;
	buf_str(&text, "# Made by ros agent from rancher.environment and rancher.network.\n");
	head = text.len;
	if (!path)
		path = module_text(doc_key(env, "path"));
	if (path && module_is_line(path))
		put_path(c, path, &text);
	for (size_t i = 0; i < proxy_n; i++) {
		const char *value = module_text(doc_key(env, proxy_names[i].variable));

		if (value && module_is_line(value))
			put(proxy_names[i].variable, value, "", &text);
	}
	return text.len == head ? module_remove(c, PROFILE) : module_write(c, PROFILE, &text, 0644);
}

const struct module module_environment = {
	.name = "environment",
	.apply = apply,
};
