/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mounts: what is mounted before user Docker starts. Those that need the network are mounted by
 * `ros boot mounts`, which the console runs before runcmd.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/modules/mountspec.h"
#include "agent/modules/rows.h"
#include "agent/network/gateway.h"
#include "lib/disk/probe.h"
#include "lib/proc.h"
#include "lib/scope.h"

#define FSTAB	   "/etc/fstab"
#define SCRIPT	   "/run/ros/mounts"
#define MOUNT_MS   60000
#define NETWORK_MS 60000
#define TABLE_MAX  (1u << 20)

struct work {
	const struct module_ctx *c;
	size_t mounted, there, missing;
};

/* --- what is mounted already --- */

/* Field `index` of a line of /proc/self/mountinfo or /proc/swaps is `text`, \040 and the like
 * undone. */
static bool field_is(const char *line, int index, const char *text)
{
	for (; index > 0; index--) {
		line += strcspn(line, " \t\n");
		line += strspn(line, " \t");
	}
	while (*line && !strchr(" \t\n", *line)) {
		char ch = *line++;

		if (ch == '\\' && strspn(line, "01234567") >= 3) {
			ch = (char)((line[0] - '0') * 64 + (line[1] - '0') * 8 + (line[2] - '0'));
			line += 3;
		}
		if (*text++ != ch)
			return false;
	}
	return !*text;
}

static bool is_in_table(const struct module_ctx *c, const char *table, int index, const char *text)
{
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(TABLE_MAX);

	if (file_read(c->root, table, &b, NULL) < 0)
		return false;
	for (const char *line = buf_text(&b); *line;) {
		if (field_is(line, index, text))
			return true;
		line += strcspn(line, "\n");
		line += *line == '\n';
	}
	return false;
}

/* --- one of them --- */

static enum module_result run(const struct work *w, const struct mountspec *m,
			      const char *const *argv)
{
	AUTO_BUF struct buf out = BUF_WITH_LIMIT(64u << 10);
	struct error err = { 0 };
	int r = proc_run(argv, NULL, MOUNT_MS, &out, &err);

	if (r == 0 || r == -E2BIG)
		return MODULE_CHANGED;
	return module_fail(w->c, m->origin, "%.100s: %s", m->field[MOUNTSPEC_DEVICE], err.msg);
}

/* A device's path for what may be a label; NULL when it is not there. */
static const char *find_device(const struct mountspec *m, struct probe *probe)
{
	const char *device = m->field[MOUNTSPEC_DEVICE];

	if (strchr(device, '=') && *device != '/' && !mountspec_is_remote(m)) {
		if (probe_find(FILE_ROOT, device, false, probe, NULL) == 0)
			return probe->path;
		/* RANCHER_STATE and rancher_state are one to RancherOS. */
		return probe_find(FILE_ROOT, device, true, probe, NULL) == 0 ? probe->path : NULL;
	}
	if (!strncmp(device, "/dev/", 5) && !file_exists(FILE_ROOT, device))
		return NULL;
	return device;
}

static enum module_result turn_swap_on(struct work *w, const struct mountspec *m,
				       const char *device)
{
	const char *const argv[] = { "swapon", "--", device, NULL };

	if (is_in_table(w->c, "/proc/swaps", 0, device)) {
		w->there++;
		return MODULE_UNCHANGED;
	}
	w->mounted++;
	return run(w, m, argv);
}

static enum module_result mount_one(struct work *w, const struct mountspec *m, const char *device)
{
	const char *dir = m->field[MOUNTSPEC_DIR], *type = m->field[MOUNTSPEC_TYPE];
	const char *const argv[] = { "mount",
				     "-t",
				     *type ? type : "auto",
				     "-o",
				     m->field[MOUNTSPEC_OPTIONS],
				     "--",
				     device,
				     dir,
				     NULL };
	struct error err = { 0 };

	if (is_in_table(w->c, "/proc/self/mountinfo", 4, dir)) {
		w->there++;
		return MODULE_UNCHANGED;
	}
	if (file_mkdir(w->c->root, dir, 0755, &err) < 0)
		return module_fail(w->c, m->origin, "%s", err.msg);
	w->mounted++;
	return run(w, m, argv);
}

static enum module_result do_one(struct work *w, const struct mountspec *m)
{
	const char *device;
	struct probe probe;

	if (mountspec_has_option(m, "noauto"))
		return MODULE_SKIPPED;
	device = find_device(m, &probe);
	if (device)
		return mountspec_is_swap(m) ? turn_swap_on(w, m, device) : mount_one(w, m, device);
	w->missing++;
	if (!mountspec_has_option(m, "nofail"))
		return module_fail(w->c, m->origin, "%.100s is not there (nofail: goes on without)",
				   m->field[MOUNTSPEC_DEVICE]);
	doc_say(w->c->pool, false, m->origin, "%.100s is not there: not mounted",
		m->field[MOUNTSPEC_DEVICE]);
	return MODULE_SKIPPED;
}

/* --- all of them --- */

static enum module_result write_fstab(const struct module_ctx *c, const struct mountspec *all,
				      size_t n)
{
	AUTO_BUF struct buf before = BUF_WITH_LIMIT(TABLE_MAX), text = BUF_WITH_LIMIT(TABLE_MAX);

	if (file_read(c->root, FSTAB, &before, NULL) < 0)
		buf_reset(&before);
	mountspec_fstab(buf_text(&before), all, n, &text);
	return module_write(c, FSTAB, &text, 0644);
}

/* For the console: the network is up when it runs this, or it waits for it. */
static enum module_result lay_script(const struct module_ctx *c, bool wanted)
{
	AUTO_BUF struct buf text = { 0 };

	if (!wanted)
		return module_remove(c, SCRIPT);
	buf_str(&text, "#!/bin/sh\nexec /usr/bin/ros boot mounts\n");
	return module_write(c, SCRIPT, &text, 0700);
}

static enum module_result do_all(struct work *w, const struct mountspec *all, size_t n, bool remote)
{
	enum module_result result = MODULE_SKIPPED;

	for (size_t i = 0; i < n; i++)
		if (mountspec_is_remote(&all[i]) == remote)
			result = module_worse(result, do_one(w, &all[i]));
	return result;
}

static enum module_result apply(const struct module_ctx *c, struct buf *message)
{
	AUTO_FREE struct mountspec *all = calloc(MOUNTSPEC_MAX, sizeof(*all));
	struct work w = { .c = c };
	enum module_result result;
	size_t n, bad = 0, remote = 0;

	if (!all)
		return module_fail(c, (struct doc_origin){ 0 }, "mounts: no memory");
	n = mountspec_list(c->pool, c->config, all, &bad);
	for (size_t i = 0; i < n; i++)
		remote += mountspec_is_remote(&all[i]);
	result = module_worse(bad ? MODULE_FAILED : MODULE_UNCHANGED, write_fstab(c, all, n));
	if (!c->live) {
		buf_fmt(message, "%zu in " FSTAB "; mounting needs a running system", n);
		return result;
	}
	result = module_worse(result, do_all(&w, all, n, false));
	if (lay_script(c, remote > 0) == MODULE_FAILED)
		result = MODULE_FAILED;
	buf_fmt(message, "%zu mounted, %zu were, %zu not there, %zu when the network is up",
		w.mounted, w.there, w.missing, remote);
	return result;
}

static bool has_remote(const struct module_ctx *c)
{
	AUTO_FREE struct mountspec *all = calloc(MOUNTSPEC_MAX, sizeof(*all));
	size_t bad = 0, n = all ? mountspec_list(c->pool, c->config, all, &bad) : 0;

	for (size_t i = 0; i < n; i++)
		if (mountspec_is_remote(&all[i]))
			return true;
	return false;
}

/* `ros boot mounts` */
static enum module_result apply_remote(const struct module_ctx *c, struct buf *message)
{
	AUTO_FREE struct mountspec *all = calloc(MOUNTSPEC_MAX, sizeof(*all));
	struct work w = { .c = c };
	struct error err = { 0 };
	size_t bad = 0, n = all ? mountspec_list(c->pool, c->config, all, &bad) : 0;

	(void)message;
	if (gateway_wait(NETWORK_MS, &err) < 0)
		doc_say(c->pool, false, (struct doc_origin){ 0 }, "mounts: %s", err.msg);
	return do_all(&w, all, n, true);
}

const struct module module_mounts = {
	.name = "mounts",
	.apply = apply,
	.keys = { "mounts", "mount_default_fields" },
};

const struct module module_mounts_remote = {
	.name = "mounts_remote",
	.apply = apply_remote,
	.at_end = true,
	.alone = true,
	.wanted = has_remote,
	.keys = { "mounts" },
};
