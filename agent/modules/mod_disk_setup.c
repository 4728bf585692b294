/* SPDX-License-Identifier: Apache-2.0 */
/*
 * disk_setup: partition tables of other disks, each disk once for an instance. A disk that holds
 * anything is left alone without overwrite, one that is in use always.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "agent/modules/device.h"
#include "agent/modules/growth.h"
#include "agent/modules/mountspec.h"
#include "agent/modules/rows.h"
#include "lib/disk/lock.h"
#include "lib/disk/probe.h"
#include "lib/disk/table.h"
#include "lib/scope.h"

#define DISKS_MAX 64
#define MIB	  (1ull << 20)

struct layout {
	const char *path;
	enum table_kind kind;
	unsigned percent[TABLE_PARTS];
	size_t n;
	bool overwrite;
};

static bool add_share(struct layout *l, const struct doc_node *n)
{
	int64_t percent = doc_int(n->kind == DOC_SEQ && n->len ? n->items[0] : n, "", 0);

	if (l->n == TABLE_PARTS || percent < 1 || percent > 100)
		return false;
	l->percent[l->n++] = (unsigned)percent;
	return true;
}

/* true: one partition; a list of shares in percent, each alone or with a type. */
static bool read_shares(struct layout *l, const struct doc_node *n)
{
	unsigned sum = 0;

	if (!n || n->kind == DOC_NULL || (n->kind != DOC_SEQ && !doc_bool(n, "", false)))
		return true;
	if (n->kind != DOC_SEQ) {
		l->percent[l->n++] = 100;
		return true;
	}
	for (size_t i = 0; i < n->len; i++) {
		if (!add_share(l, n->items[i]))
			return false;
		sum += l->percent[l->n - 1];
	}
	return sum <= 100;
}

static enum module_result read_layout(const struct module_ctx *c, const struct doc_pair *pair,
				      struct layout *l)
{
	const char *kind = doc_str(pair->val, "table_type", "mbr");
	const struct doc_node *layout = doc_key(pair->val, "layout");

	*l = (struct layout){ .path = mountspec_device(c->pool, c->config, pair->key),
			      .kind = strcmp(kind, "gpt") ? TABLE_MSDOS : TABLE_GPT,
			      .overwrite = doc_bool(pair->val, "overwrite", false) };
	if (pair->val->kind != DOC_MAP)
		return module_fail(c, pair->origin, "disk_setup: a disk has a layout");
	if (strncmp(l->path, "/dev/", 5) || strstr(l->path, "..") || strlen(l->path) > 50)
		return module_fail(c, pair->origin, "disk_setup: %.64s is no disk", pair->key);
	if (strcmp(kind, "gpt") && strcmp(kind, "mbr"))
		return module_fail(c, pair->origin, "disk_setup: table_type is mbr or gpt");
	if (doc_is_scalar(layout) && !strcmp(layout->text, "remove"))
		return module_fail(c, layout->origin,
				   "disk_setup: tables are not removed, only replaced (overwrite: "
				   "true)");
	if (!read_shares(l, layout) || (l->kind == TABLE_MSDOS && l->n > 4))
		return module_fail(c, pair->origin,
				   "disk_setup: layout is true, or shares in percent, 100 in all "
				   "(mbr: 4 at most)");
	return MODULE_UNCHANGED;
}

/* The first MiB is the table's, and the last a GPT's second copy's. */
static int plan_parts(const struct layout *l, uint64_t size, struct table_part *parts,
		      struct error *err)
{
	uint64_t at = MIB, room;

	if (size < 16 * MIB)
		return error_set(err, ENOSPC, "%s is too small for partitions", l->path);
	room = (size / MIB - 2) * MIB;
	for (size_t i = 0; i < l->n; i++) {
		uint64_t part = room / 100 * l->percent[i] / MIB * MIB;

		parts[i] = (struct table_part){
			.name = "data", .use = TABLE_LINUX, .start = at, .size = part
		};
		at += part;
	}
	return 0;
}

/* The table is there; its last partition may have grown since. */
static bool has_layout(const struct module_ctx *c, const struct layout *l,
		       const struct table_part *parts)
{
	AUTO_CLOSE int fd = -1;
	struct probe_disk d;

	if (file_open(c->root, l->path, O_RDONLY, 0, &fd, NULL) < 0 ||
	    probe_disk(fd, l->path, &d, NULL) < 0)
		return false;
	if (strcmp(d.table, l->kind == TABLE_GPT ? "gpt" : "dos") || d.n != l->n)
		return false;
	for (size_t i = 0; i < l->n; i++) {
		const uint64_t size = d.parts[i].fs.size;
		bool is_last = i + 1 == l->n;

		if (d.parts[i].start != parts[i].start || size < parts[i].size ||
		    (size > parts[i].size && !is_last))
			return false;
	}
	return true;
}

static int write_table(const struct module_ctx *c, const struct layout *l,
		       const struct table_part *parts, struct error *err)
{
	const char *path = device_path(c, l->path);
	AUTO_CLOSE int lock = -1;
	int r = device_check_unused(c, l->path, err);

	if (r == 0)
		r = disk_lock(path, &lock, err);
	if (r == 0)
		r = table_write(path, l->kind, parts, l->n, err);
	return r < 0 ? r : table_tell_kernel(path, err);
}

static enum module_result setup(const struct module_ctx *c, const struct doc_pair *pair,
				const struct layout *l)
{
	struct table_part parts[TABLE_PARTS] = { 0 };
	enum module_result result = MODULE_UNCHANGED;
	struct error err = { 0 };
	struct probe p;

	if (!l->n || (!growth_is_blank(c->root, l->path) &&
		      device_is_done(c, &module_disk_setup, l->path, pair->val)))
		return MODULE_UNCHANGED;
	if (probe_device(c->root, l->path, &p, &err) < 0 ||
	    plan_parts(l, p.size, parts, &err) < 0)
		return module_fail(c, pair->origin, "disk_setup: %s", err.msg);
	if (!has_layout(c, l, parts)) {
		if (!l->overwrite && (*p.type || growth_is_used(c->root, l->path))) {
			doc_say(c->pool, false, pair->origin,
				"disk_setup: %s holds something already: it is left alone "
				"(overwrite: true)",
				l->path);
			return MODULE_UNCHANGED;
		}
		if (write_table(c, l, parts, &err) < 0)
			return module_fail(c, pair->origin, "disk_setup: %s", err.msg);
		result = MODULE_CHANGED;
	}
	device_mark(c, &module_disk_setup, l->path, pair->val);
	return result;
}

static enum module_result apply(const struct module_ctx *c, struct buf *message)
{
	const struct doc_node *map = doc_key(c->config, "disk_setup");
	enum module_result result = MODULE_SKIPPED;

	for (size_t i = 0; map->kind == DOC_MAP && i < map->len && i < DISKS_MAX; i++) {
		enum module_result r;
		struct layout l;

		r = read_layout(c, &map->pairs[i], &l);
		if (r != MODULE_FAILED)
			r = c->live ? setup(c, &map->pairs[i], &l) : MODULE_SKIPPED;
		result = module_worse(result, r);
	}
	if (!c->live)
		buf_str(message, "needs a running system");
	return result;
}

const struct module module_disk_setup = {
	.name = "disk_setup",
	.apply = apply,
	.frequency = MODULE_INSTANCE,
	.keys = { "disk_setup" },
};
