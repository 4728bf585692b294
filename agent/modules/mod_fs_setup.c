/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fs_setup: file systems on devices and partitions, each once for an instance. Where something is
 * already, nothing is made unless overwrite says so; what is in use is never touched.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/modules/command.h"
#include "agent/modules/device.h"
#include "agent/modules/growth.h"
#include "agent/modules/mountspec.h"
#include "agent/modules/rows.h"
#include "lib/disk/lock.h"
#include "lib/disk/probe.h"
#include "lib/proc.h"
#include "lib/scope.h"

#define MKFS_MS	    (15 * 60 * 1000)
#define ENTRIES_MAX 64
#define ARGS_MAX    32
#define PARTS_MAX   64

struct target {
	const struct doc_node *entry;
	const char *type, *label, *partition;
	bool overwrite;
	char path[64]; /* where the file system goes */
};

static bool is_word(const char *text, size_t max)
{
	size_t len = strlen(text);

	return len > 0 && len <= max && *text != '-' && module_is_line(text);
}

static bool is_type(const char *type)
{
	for (const char *s = type; *s; s++)
		if (!isalnum((unsigned char)*s) && *s != '_')
			return false;
	return *type && strlen(type) <= 16;
}

/* vdb + 2 → vdb2, nvme0n1 + 2 → nvme0n1p2 */
static void part_path(const char *disk, unsigned long number, char *ret, size_t size)
{
	size_t len = strlen(disk);

	(void)snprintf(ret, size, "%.50s%s%lu", disk,
		       len && isdigit((unsigned char)disk[len - 1]) ? "p" : "", number);
}

/* auto and any: the first partition that has the label and type already, else the first that is
 * empty, else (there are no partitions) the disk itself. */
static void find_part(struct target *t, const char *disk)
{
	char first_empty[64] = "", path[64];
	bool any = false;

	for (unsigned long i = 1; i <= PARTS_MAX; i++) {
		struct probe p;

		part_path(disk, i, path, sizeof(path));
		if (!file_exists(FILE_ROOT, path) || probe_device(FILE_ROOT, path, &p, NULL) < 0)
			continue;
		any = true;
		if (!strcmp(p.type, t->type) && (!*t->label || !strcmp(p.label, t->label))) {
			memcpy(t->path, path, sizeof(t->path));
			return;
		}
		if (!*p.type && !*first_empty)
			memcpy(first_empty, path, sizeof(first_empty));
	}
	if (*first_empty)
		memcpy(t->path, first_empty, sizeof(t->path));
	else if (!any)
		(void)snprintf(t->path, sizeof(t->path), "%.60s", disk);
}

static int choose_place(const struct module_ctx *c, struct target *t, struct error *err)
{
	const char *device = doc_str(t->entry, "device", NULL);
	char *end;
	unsigned long number = strtoul(t->partition, &end, 10);

	if (!device)
		return error_set(err, EINVAL, "an entry of fs_setup has a device");
	device = mountspec_device(c->pool, c->config, device);
	if (strncmp(device, "/dev/", 5) || strlen(device) > 50 || strstr(device, ".."))
		return error_set(err, ENOENT, "%.64s is no device", device);
	if (isdigit((unsigned char)*t->partition) && !*end && number && number <= PARTS_MAX) {
		part_path(device, number, t->path, sizeof(t->path));
		return 0;
	}
	if (!*t->partition || !strcmp(t->partition, "none"))
		(void)snprintf(t->path, sizeof(t->path), "%.60s", device);
	else if (strcmp(t->partition, "auto") && strcmp(t->partition, "any"))
		return error_set(err, EINVAL, "partition is auto, any, none or a number");
	else if (c->live)
		find_part(t, device);
	return 0;
}

static enum module_result read_entry(const struct module_ctx *c, const struct doc_node *n,
				     struct target *t)
{
	struct error err = { 0 };

	*t = (struct target){ .entry = n,
			      .type = doc_str(n, "filesystem", "ext4"),
			      .label = doc_str(n, "label", ""),
			      .partition = doc_str(n, "partition", ""),
			      .overwrite = doc_bool(n, "overwrite", false) };
	if (n->kind != DOC_MAP)
		return module_fail(c, n->origin, "an entry of fs_setup is a map");
	if (!is_type(t->type) || (*t->label && !is_word(t->label, 100)))
		return module_fail(c, n->origin, "fs_setup: this is no type or no label");
	if (choose_place(c, t, &err) < 0)
		return module_fail(c, n->origin, "fs_setup: %s", err.msg);
	return MODULE_UNCHANGED;
}

/* --- making it --- */

static bool add_words(const struct doc_node *n, const char **argv, size_t *k)
{
	const struct doc_node *one;
	const struct doc_node *const *items;
	size_t len;

	items = module_items(n, &one, &len);
	for (size_t i = 0; i < len; i++) {
		const char *word = module_text(items[i]);

		if (!word || *k + 3 >= ARGS_MAX)
			return false;
		argv[(*k)++] = word;
	}
	return true;
}

static int make(const struct target *t, struct error *err)
{
	bool is_swap = !strcmp(t->type, "swap");
	bool is_fat = !strcmp(t->type, "vfat") || !strcmp(t->type, "fat32");
	const char *argv[ARGS_MAX + 1] = { NULL };
	AUTO_BUF struct buf out = BUF_WITH_LIMIT(64u << 10);
	char tool[32];
	size_t k = 0;
	int r;

	(void)snprintf(tool, sizeof(tool), "mkfs.%s", is_fat ? "vfat" : t->type);
	argv[k++] = is_swap ? "mkswap" : tool;
	if (*t->label) {
		argv[k++] = is_fat ? "-n" : "-L";
		argv[k++] = t->label;
	}
	if (!strncmp(t->type, "ext", 3))
		argv[k++] = "-F";
	else if (t->overwrite && (!strcmp(t->type, "xfs") || !strcmp(t->type, "btrfs")))
		argv[k++] = "-f";
	if (!add_words(doc_key(t->entry, "extra_opts"), argv, &k))
		return error_set(err, EINVAL, "extra_opts are words, not too many");
	argv[k++] = t->path;
	r = proc_run(argv, NULL, MKFS_MS, &out, err);
	return r == -E2BIG ? 0 : r;
}

/* cmd: %(label)s, %(filesystem)s and %(device)s are replaced. */
static int make_by_command(const struct module_ctx *c, const struct target *t, struct error *err)
{
	static const char *const names[] = { "%(label)s", "%(filesystem)s", "%(device)s" };
	const char *const values[] = { t->label, t->type, t->path };
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(8192);
	const struct doc_node *cmd = doc_key(t->entry, "cmd");

	if (!module_text(cmd))
		return command_run(cmd, MKFS_MS, err);
	for (const char *s = cmd->text; *s;) {
		size_t i = 0;

		while (i < ARRAY_LEN(names) && strncmp(s, names[i], strlen(names[i])))
			i++;
		if (i < ARRAY_LEN(names)) {
			buf_str(&text, values[i]);
			s += strlen(names[i]);
		} else {
			buf_char(&text, *s++);
		}
	}
	return command_run(doc_new_str(c->pool, "fs_setup", buf_text(&text)), MKFS_MS, err);
}

/* The disk that a partition lies on; anything else itself. */
static int lock_disk(const struct module_ctx *c, const char *path, int *ret, struct error *err)
{
	struct growth g;
	bool is_part = growth_look(c->root, path, &g, NULL) == 0 && *g.disk &&
		       !strcmp(g.part, path);

	return disk_lock(device_path(c, is_part ? g.disk : path), ret, err);
}

/* It holds something that the entry does not allow to be replaced. */
static bool is_left_alone(const struct module_ctx *c, const struct target *t,
			  const struct probe *p)
{
	if (t->overwrite)
		return false;
	if (*p->type && strcmp(p->type, doc_str(t->entry, "replace_fs", ""))) {
		doc_say(c->pool, false, t->entry->origin,
			"fs_setup: %s holds %s%s%s already: it is left alone (overwrite: true)",
			t->path, p->type, *p->label ? " " : "", p->label);
		return true;
	}
	if (!*p->type && growth_is_used(c->root, t->path)) {
		doc_say(c->pool, false, t->entry->origin,
			"fs_setup: %s is not blank: it is left alone (overwrite: true)", t->path);
		return true;
	}
	return false;
}

static enum module_result setup(const struct module_ctx *c, const struct target *t)
{
	AUTO_CLOSE int lock = -1;
	struct error err = { 0 };
	struct probe p;
	int r;

	if (!*t->path) {
		doc_say(c->pool, false, t->entry->origin,
			"fs_setup: no partition is free for it: nothing is made");
		return MODULE_UNCHANGED;
	}
	if ((doc_key(t->entry, "cmd") || !growth_is_blank(c->root, t->path)) &&
	    device_is_done(c, &module_fs_setup, t->path, t->entry))
		return MODULE_UNCHANGED;
	r = probe_device(c->root, t->path, &p, &err);
	if (r < 0)
		return module_fail(c, t->entry->origin, "fs_setup: %s", err.msg);
	if (*p.type && !strcmp(p.type, t->type) && (!*t->label || !strcmp(p.label, t->label))) {
		device_mark(c, &module_fs_setup, t->path, t->entry);
		return MODULE_UNCHANGED;
	}
	if (is_left_alone(c, t, &p))
		return MODULE_UNCHANGED;
	r = device_check_unused(c, t->path, &err);
	if (r == 0)
		r = lock_disk(c, t->path, &lock, &err);
	if (r == 0)
		r = doc_key(t->entry, "cmd") ? make_by_command(c, t, &err) : make(t, &err);
	if (r < 0)
		return module_fail(c, t->entry->origin, "fs_setup: %s: %s", t->path, err.msg);
	device_mark(c, &module_fs_setup, t->path, t->entry);
	return MODULE_CHANGED;
}

static enum module_result apply(const struct module_ctx *c, struct buf *message)
{
	const struct doc_node *list = doc_key(c->config, "fs_setup");
	enum module_result result = MODULE_SKIPPED;

	for (size_t i = 0; list->kind == DOC_SEQ && i < list->len && i < ENTRIES_MAX; i++) {
		enum module_result r;
		struct target t;

		r = read_entry(c, list->items[i], &t);
		if (r != MODULE_FAILED)
			r = c->live ? setup(c, &t) : MODULE_SKIPPED;
		result = module_worse(result, r);
	}
	if (!c->live)
		buf_str(message, "needs a running system");
	return result;
}

const struct module module_fs_setup = {
	.name = "fs_setup",
	.apply = apply,
	.frequency = MODULE_INSTANCE,
	.keys = { "fs_setup" },
};
