/* SPDX-License-Identifier: Apache-2.0 */
/*
 * manage_etc_hosts: localhost means the machine's names behind 127.0.1.1, and everything else in
 * /etc/hosts left alone. (With true, which is the default here, the whole file is a template.)
 */
#include <string.h>

#include "agent/modules/rows.h"
#include "agent/userdata/hostname.h"

#define HOSTS	  "/etc/hosts"
#define HOSTS_MAX (1u << 20)
#define ADDRESS	  "127.0.1.1"

static bool is_ours(const char *line)
{
	return !strncmp(line, ADDRESS, strlen(ADDRESS)) &&
	       (line[strlen(ADDRESS)] == ' ' || line[strlen(ADDRESS)] == '\t');
}

static void put_line(const struct module_ctx *c, struct buf *out)
{
	const struct hostname h = hostname_get(c->root, c->pool, c->config, c->instance);
	size_t label = strcspn(h.name, ".");

	buf_fmt(out, ADDRESS " %s", h.full);
	if (strcmp(h.full, h.name))
		buf_fmt(out, " %s", h.name);
	if (h.name[label])
		buf_fmt(out, " %.*s", (int)label, h.name);
	buf_char(out, '\n');
}

static enum module_result publish(const struct module_ctx *c, const struct buf *text)
{
	struct error err = { 0 };
	bool changed = false;

	if (c->boot || !file_exists(c->root, HOSTS))
		return module_write(c, HOSTS, text, 0644);
	/* It is mounted into containers as a file: a new inode would not reach them. */
	if (file_rewrite(c->root, HOSTS, buf_text(text), text->len, &changed, &err) < 0)
		return module_fail(c, (struct doc_origin){ 0 }, HOSTS ": %s", err.msg);
	return module_changed(changed);
}

static enum module_result apply(const struct module_ctx *c, struct buf *message)
{
	const char *how = doc_str(c->config, "manage_etc_hosts", "");
	AUTO_BUF struct buf have = BUF_WITH_LIMIT(HOSTS_MAX), text = BUF_WITH_LIMIT(HOSTS_MAX);
	bool done = false;

	(void)message;
	/* Where there is no file the template makes one. */
	if (strcmp(how, "localhost") || file_read(c->root, HOSTS, &have, NULL) < 0)
		return MODULE_SKIPPED;
	for (const char *s = buf_text(&have); *s;) {
		size_t len = strcspn(s, "\n");

		if (is_ours(s) && !done)
			put_line(c, &text);
		else if (!is_ours(s))
			buf_fmt(&text, "%.*s\n", (int)len, s);
		done = done || is_ours(s);
		s += len + (s[len] == '\n');
	}
	if (!done)
		put_line(c, &text);
	return publish(c, &text);
}

const struct module module_etc_hosts = {
	.name = "manage_etc_hosts",
	.apply = apply,
	.keys = { "manage_etc_hosts" },
};
