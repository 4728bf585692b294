/* SPDX-License-Identifier: Apache-2.0 */
/*
 * timezone: /etc/localtime, a link into the zone files, and its name in /etc/timezone.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/modules/rows.h"
#include "agent/modules/written.h"
#include "lib/file.h"
#include "lib/scope.h"

#define ZONES	  "/usr/share/zoneinfo"
#define LOCALTIME "/etc/localtime"
#define TIMEZONE  "/etc/timezone"
#define NAME_LEN  64

static bool is_name(const char *name)
{
	if (strlen(name) > NAME_LEN || !isalpha((unsigned char)*name) || strstr(name, ".."))
		return false;
	for (const char *s = name; *s; s++)
		if (!isalnum((unsigned char)*s) && !strchr("/_+-", *s))
			return false;
	return true;
}

/* Where a root has no zone files at all, any name that looks like one will do. */
static bool is_known(const struct module_ctx *c, const char *name)
{
	AUTO_CLOSE int fd = -1;
	char path[128], magic[4];

	if (!file_exists(c->root, ZONES))
		return true;
	(void)snprintf(path, sizeof(path), ZONES "/%s", name);
	return file_open(c->root, path, O_RDONLY | O_NONBLOCK, 0, &fd, NULL) == 0 &&
	       read(fd, magic, sizeof(magic)) == sizeof(magic) &&
	       !memcmp(magic, "TZif", sizeof(magic));
}

static int put_link(const struct module_ctx *c, const char *target, bool *changed,
		    struct error *err)
{
	AUTO_CLOSE int dir = -1;
	char have[PATH_MAX];
	const char *base;
	ssize_t n;
	int r;

	r = file_mkdir(c->root, "/etc", 0755, err);
	if (r == 0)
		r = file_parent(c->root, LOCALTIME, &dir, &base, err);
	if (r < 0)
		return r;
	n = readlinkat(dir, base, have, sizeof(have));
	if (n == (ssize_t)strlen(target) && !memcmp(have, target, (size_t)n))
		return 0;
	if (unlinkat(dir, ".localtime.new", 0) < 0 && errno != ENOENT)
		return error_sys(err, errno, LOCALTIME);
	if (symlinkat(target, dir, ".localtime.new") < 0 ||
	    renameat(dir, ".localtime.new", dir, base) < 0)
		return error_sys(err, errno, LOCALTIME);
	*changed = true;
	return 0;
}

static enum module_result apply(const struct module_ctx *c, struct buf *message)
{
	const struct doc_node *n = doc_key(c->config, "timezone");
	const char *name = module_text(n);
	AUTO_BUF struct buf text = { 0 };
	struct error err = { 0 };
	bool changed = false;
	char target[128];

	if (!name || !is_name(name) || !is_known(c, name))
		return module_fail(c, n->origin, "there is no such time zone (\"Europe/Berlin\")");
	(void)snprintf(target, sizeof(target), ZONES "/%s", name);
	if (!written_is_users(c->config, c->unwritten, LOCALTIME) &&
	    put_link(c, target, &changed, &err) < 0)
		return module_fail(c, n->origin, "timezone: %s", err.msg);
	buf_str(message, name);
	buf_fmt(&text, "%s\n", name);
	return module_worse(module_changed(changed),
			    written_publish(c, TIMEZONE, &text, 0644, message));
}

const struct module module_timezone = {
	.name = "timezone",
	.apply = apply,
	.frequency = MODULE_INSTANCE,
	.keys = { "timezone" },
};
