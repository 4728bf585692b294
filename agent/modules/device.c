/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The marks of devices. They are kept by the path that the configuration gives, because what is on
 * a device is no proof: a partition grows, and its owner may have made his own in the meantime.
 */
#include <fcntl.h>
#include <stdio.h>

#include "agent/modules/device.h"
#include "agent/modules/mark.h"
#include "lib/scope.h"

bool device_is_done(const struct module_ctx *c, const struct module *m, const char *path,
		    const struct doc_node *entry)
{
	uint64_t print;

	if (!mark_is_set(c, m, path, &print))
		return false;
	if (print != mark_print(entry))
		doc_say(c->pool, false, entry->origin,
			"%s: %s was set up for this instance already: what its entry says now is "
			"not done (change it by hand)",
			m->name, path);
	return true;
}

void device_mark(const struct module_ctx *c, const struct module *m, const char *path,
		 const struct doc_node *entry)
{
	char what[128];

	(void)snprintf(what, sizeof(what), "%.80s is set up", path);
	mark_set(c, m, path, mark_print(entry), true, entry->origin, what);
}

int device_check_unused(const struct module_ctx *c, const char *path, struct error *err)
{
	AUTO_CLOSE int fd = -1;

	return file_open(c->root, path, O_RDONLY | O_EXCL, 0, &fd, err);
}

const char *device_path(const struct module_ctx *c, const char *path)
{
	AUTO_BUF struct buf full = BUF_WITH_LIMIT(256);

	if (c->root == FILE_ROOT)
		return path;
	buf_fmt(&full, "/proc/self/fd/%d%s", c->root, path);
	return doc_strdup(c->pool, buf_text(&full), full.len);
}
