/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The marks of devices. They are kept by the path that the configuration gives, because what is on
 * a device is no proof: a partition grows, and its owner may have made his own in the meantime.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "agent/modules/device.h"
#include "agent/userdata/semaphore.h"
#include "lib/hash.h"
#include "lib/scope.h"

#define NAME_SIZE 64

static void name_of(const char *module, const char *path, char ret[NAME_SIZE])
{
	(void)snprintf(ret, NAME_SIZE, "%.40s-%016" PRIx64, module, hash_text(path, strlen(path)));
}

static uint64_t print_of(const struct doc_node *entry)
{
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(DOC_SIZE * 4);

	doc_json_write(entry, &text);
	return hash_text(buf_text(&text), text.len);
}

/* Disks that are blank, or a platform's, at each boot are set up at each. */
static bool is_for_each_boot(const struct module_ctx *c, const char *module)
{
	const struct doc_node *map = doc_at(c->config, "rancher.cloud_init.frequency");

	return !strcmp(doc_str(doc_key(map, module), "", ""), "boot");
}

bool device_is_done(const struct module_ctx *c, const char *module, const char *path,
		    const struct doc_node *entry)
{
	char name[NAME_SIZE];
	uint64_t print;

	if (is_for_each_boot(c, module))
		return false;
	name_of(module, path, name);
	if (!semaphore_is_set(c->root, c->instance->id, name, &print))
		return false;
	if (print != print_of(entry))
		doc_say(c->pool, false, entry->origin,
			"%s: %s was set up for this instance already: what its entry says now is "
			"not done (change it by hand)",
			module, path);
	return true;
}

void device_mark(const struct module_ctx *c, const char *module, const char *path,
		 const struct doc_node *entry)
{
	struct error err = { 0 };
	char name[NAME_SIZE];

	name_of(module, path, name);
	if (semaphore_set(c->root, c->instance->id, name, print_of(entry), true, &err) < 0)
		doc_say(c->pool, false, entry->origin,
			"%s: that %s is set up could not be noted, it may be done again: %s",
			module, path, err.msg);
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
