/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One function a kind of row; the table decides what is where.
 */
#include "agent/state/state_layout.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/state/state_disk.h"
#include "lib/file.h"
#include "lib/layout.h"

/* An upgrade changes the layer below: nothing in the upper one may depend on its inodes. */
#define OVERLAY_OPTIONS ",index=off,redirect_dir=off,metacopy=off"

static bool is_mounted(const char *path)
{
	struct statx st;

	return statx(AT_FDCWD, path, AT_NO_AUTOMOUNT | AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS,
		     &st) == 0 &&
	       (st.stx_attributes & STATX_ATTR_MOUNT_ROOT);
}

/* A directory with the row's mode. One that was there keeps the mode that its owner gave it. */
static int make_directory(const char *path, mode_t mode, struct error *err)
{
	bool made = access(path, F_OK) < 0;
	int r = file_mkdir(FILE_ROOT, path, mode ? mode : 0755, err);

	if (r == 0 && made && mode && chmod(path, mode) < 0)
		return error_sys(err, errno, "chmod %s", path);
	return r;
}

static int state_path(char *path, size_t size, const char *source, struct error *err)
{
	int n = snprintf(path, size, STATE_DISK_MOUNT "%s%s", *source == '/' ? "" : "/", source);

	if (n < 0 || (size_t)n >= size)
		return error_set(err, ENAMETOOLONG, "%s", source);
	return 0;
}

static int apply_state(const struct layout_row *row, struct error *err)
{
	char from[256];
	int r;

	if (!strcmp(row->path, STATE_DISK_MOUNT))
		return 0; /* mounted already */
	r = state_path(from, sizeof(from), row->source, err);
	if (r == 0)
		r = make_directory(from, row->mode, err);
	if (r == 0)
		r = make_directory(row->path, row->mode, err);
	if (r < 0)
		return r;
	if (mount(from, row->path, NULL, MS_BIND, NULL) < 0)
		return error_sys(err, errno, "bind %s", from);
	return 0;
}

static int apply_overlay(const struct layout_row *row, struct error *err)
{
	char upper[256], work[256], options[1024];
	const char *slash;
	int r;

	/* The working directory stands beside the upper one: they must share a file system. */
	r = state_path(upper, sizeof(upper), row->source, err);
	if (r < 0)
		return r;
	slash = strrchr(upper, '/');
	if (snprintf(work, sizeof(work), "%.*s/work", (int)(slash - upper), upper) >=
	    (int)sizeof(work))
		return error_set(err, ENAMETOOLONG, "%s", upper);
	r = make_directory(upper, 0755, err);
	if (r == 0)
		r = make_directory(work, 0700, err);
	if (r == 0)
		r = make_directory(row->path, row->mode, err);
	if (r < 0)
		return r;
	snprintf(options, sizeof(options), "lowerdir=/usr%s,upperdir=%s,workdir=%s" OVERLAY_OPTIONS,
		 row->path, upper, work);
	if (mount("overlay", row->path, "overlay", 0, options) < 0)
		return error_sys(err, errno, "overlay (%s)", options);
	return 0;
}

static int apply_tmpfs(const struct layout_row *row, struct error *err)
{
	char options[128];
	int r;

	if (is_mounted(row->path))
		return 0;
	r = make_directory(row->path, row->mode, err);
	if (r < 0)
		return r;
	snprintf(options, sizeof(options), "mode=%o%s%s", row->mode ? row->mode : 0755,
		 row->source ? "," : "", row->source ? row->source : "");
	if (mount("tmpfs", row->path, "tmpfs", MS_NOSUID | MS_NODEV, options) < 0)
		return error_sys(err, errno, "tmpfs (%s)", options);
	return 0;
}

/* An old disk may have a directory where a link belongs: it is put aside, never removed. */
static int apply_link(const struct layout_row *row, struct error *err)
{
	char target[256], aside[256];
	ssize_t n = readlink(row->path, target, sizeof(target) - 1);

	if (n >= 0) {
		target[n] = '\0';
		if (!strcmp(target, row->source))
			return 0;
		if (unlink(row->path) < 0)
			return error_sys(err, errno, "remove the old link");
	} else if (errno == EINVAL) {
		if (rmdir(row->path) < 0) {
			snprintf(aside, sizeof(aside), "%s.old", row->path);
			if (rename(row->path, aside) < 0)
				return error_sys(err, errno, "rename to %s", aside);
		}
	}
	if (symlink(row->source, row->path) < 0)
		return error_sys(err, errno, "link to %s", row->source);
	return 0;
}

static int apply(const struct layout_row *row, struct error *err)
{
	switch (row->kind) {
	case LAYOUT_STATE:
		return apply_state(row, err);
	case LAYOUT_OVERLAY:
		return apply_overlay(row, err);
	case LAYOUT_TMPFS:
		return apply_tmpfs(row, err);
	case LAYOUT_LINK:
		return apply_link(row, err);
	case LAYOUT_IMAGE:
		return 0;
	}
	return error_set(err, EINVAL, "unknown kind %d", row->kind);
}

int state_layout_apply(struct error *err)
{
	for (size_t i = 0; i < layout_n; i++) {
		int r = apply(&layout_all[i], err);

		if (r < 0)
			return error_wrap(err, r, "%s", layout_all[i].path);
	}
	return 0;
}

int state_layout_homes(struct error *err)
{
	static const struct {
		const char *path;
		uid_t id; /* user and group */
	} homes[] = { { "/home/rancher", 1100 }, { "/home/docker", 1101 } };

	for (size_t i = 0; i < ARRAY_LEN(homes); i++) {
		bool made = access(homes[i].path, F_OK) < 0;
		int r = file_mkdir(FILE_ROOT, homes[i].path, 0755, err);

		if (r < 0)
			return r;
		if (made && chown(homes[i].path, homes[i].id, homes[i].id) < 0)
			return error_sys(err, errno, "chown %s", homes[i].path);
	}
	return 0;
}
