/* SPDX-License-Identifier: Apache-2.0 */
/*
 * growpart and rancher.resize_device for other disks than the state disk, which the state step
 * grows: at the end of the boot, while they are in use already, and udev looks at every disk that
 * somebody wrote to.
 */
#include <stdio.h>
#include <string.h>

#include "agent/modules/growth.h"
#include "agent/modules/rows.h"
#include "agent/state/state_disk.h"
#include "lib/disk/grow.h"
#include "lib/disk/lock.h"
#include "lib/disk/probe.h"
#include "lib/scope.h"

#define MOUNTINFO_MAX (1u << 20)
#define DEVICES_MAX   16

static void mountinfo_of(const struct module_ctx *c, struct buf *ret)
{
	*ret = BUF_WITH_LIMIT(MOUNTINFO_MAX);
	if (file_read(c->root, "/proc/self/mountinfo", ret, NULL) < 0)
		buf_reset(ret);
}

/* / is memory here: who says so means the state disk. */
static bool is_state(const char *name)
{
	return !strcmp(name, "/") || !strcmp(name, "/var") || !strcmp(name, STATE_DISK_MOUNT);
}

/* A device, or the one behind a directory. */
static bool device_of(const struct module_ctx *c, const char *name, char ret[64])
{
	AUTO_BUF struct buf text = { 0 };

	if (!strncmp(name, "/dev/", 5)) {
		(void)snprintf(ret, 64, "%.63s", name);
		return strlen(name) < 64;
	}
	mountinfo_of(c, &text);
	return growth_mounted(buf_text(&text), name, ret);
}

static void note(struct buf *message, const char *what)
{
	buf_fmt(message, "%s%s grew", message->len ? ", " : "", what);
}

/* The partition, and the file system on it. */
static enum module_result grow(const struct module_ctx *c, const struct doc_node *at,
			       const char *device, struct buf *message)
{
	bool part_grown = false, fs_grown = false;
	AUTO_BUF struct buf text = { 0 };
	AUTO_CLOSE int lock = -1;
	struct error err = { 0 };
	struct probe probe;
	struct growth g;
	int r = growth_look(c->root, device, &g, &err);

	if (r == 0)
		r = disk_lock(*g.disk ? g.disk : g.part, &lock, &err);
	if (r == 0)
		r = grow_partition(g.part, &part_grown, &err);
	if (r == 0)
		r = probe_device(c->root, g.part, &probe, &err);
	mountinfo_of(c, &text);
	if (r == 0 && doc_bool(c->config, "resize_rootfs", true))
		r = grow_filesystem(g.part, probe.type, growth_is_mounted(buf_text(&text), g.part),
				    &fs_grown, &err);
	if (part_grown || fs_grown)
		note(message, g.part);
	if (r < 0)
		return module_fail(c, at->origin, "%s does not grow: %s", device, err.msg);
	return module_changed(part_grown || fs_grown);
}

static enum module_result growpart(const struct module_ctx *c, struct buf *message)
{
	const struct doc_node *one;
	enum module_result result = MODULE_SKIPPED;
	const struct doc_node *const *items;
	size_t n;

	items = module_items(doc_at(c->config, "growpart.devices"), &one, &n);
	for (size_t i = 0; i < n && i < DEVICES_MAX; i++) {
		const char *name = module_text(items[i]);
		char device[64];

		if (name && is_state(name))
			continue;
		if (name && device_of(c, name, device))
			result = module_worse(result, grow(c, items[i], device, message));
		else
			doc_say(c->pool, false, items[i]->origin,
				"growpart: there is no disk behind this");
	}
	return result;
}

static bool is_on(const struct module_ctx *c)
{
	/* "off" is false to YAML. */
	return doc_bool(c->config, "growpart.mode", true);
}

const struct module module_growpart = {
	.name = "growpart",
	.apply = growpart,
	.at_end = true,
	.wanted = is_on,
	.keys = { "growpart" },
};

/* RancherOS' form: a disk, whose last partition is meant, once. */
static enum module_result resize_device(const struct module_ctx *c, struct buf *message)
{
	const struct doc_node *n = doc_at(c->config, "rancher.resize_device");
	const char *name = module_text(n);

	if (!name || strncmp(name, "/dev/", 5))
		return module_fail(c, n->origin, "rancher.resize_device is a disk (/dev/sda)");
	return grow(c, n, name, message);
}

const struct module module_resize_device = {
	.name = "resize_device",
	.apply = resize_device,
	.frequency = MODULE_ONCE,
	.at_end = true,
	.keys = { "rancher.resize_device" },
};
