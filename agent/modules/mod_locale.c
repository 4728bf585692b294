/* SPDX-License-Identifier: Apache-2.0 */
/*
 * locale: LANG of log-in shells, which /etc/profile reads.
 */
#include <ctype.h>
#include <string.h>

#include "agent/modules/rows.h"
#include "agent/modules/written.h"

#define DEFAULT_FILE "/etc/default/locale"

static bool is_name(const char *name)
{
	if (!*name || strlen(name) > 64)
		return false;
	for (const char *s = name; *s; s++)
		if (!isalnum((unsigned char)*s) && !strchr("_.@-", *s))
			return false;
	return true;
}

static enum module_result apply(const struct module_ctx *c, struct buf *message)
{
	const struct doc_node *n = doc_key(c->config, "locale");
	const char *path = doc_str(c->config, "locale_configfile", DEFAULT_FILE);
	const char *name = module_text(n);
	AUTO_BUF struct buf text = { 0 };

	if (!n || (n->kind == DOC_BOOL && !n->boolean))
		return MODULE_SKIPPED;
	if (!name || !is_name(name))
		return module_fail(c, n->origin, "this is no locale (\"de_DE.UTF-8\")");
	if (*path != '/' || strstr(path, ".."))
		return module_fail(c, n->origin, "locale_configfile must be an absolute path");
	buf_fmt(&text, "LANG=%s\n", name);
	buf_str(message, name);
	return written_publish(c, path, &text, 0644, message);
}

const struct module module_locale = {
	.name = "locale",
	.apply = apply,
	.frequency = MODULE_INSTANCE,
	.keys = { "locale", "locale_configfile" },
};
