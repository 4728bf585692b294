/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns the change of root. The links and directories come from the table of lib/layout.h.
 */
#include "init/switchroot.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "lib/journal.h"
#include "lib/layout.h"
#include "lib/scope.h"

#define ROOT_OPTIONS "mode=0755,size=50%"

/* The initrd, from the change of root until its memory is freed. */
static int old_root = -1;

static const char *const moved[] = { "/dev", "/proc", "/sys", "/run" };

int switchroot_prepare(struct error *err)
{
	(void)mkdir(SWITCHROOT_NEW, 0755);
	if (mount("root", SWITCHROOT_NEW, "tmpfs", 0, ROOT_OPTIONS) < 0)
		return error_sys(err, errno, "mount a tmpfs on " SWITCHROOT_NEW);
	if (mkdir(SWITCHROOT_NEW "/usr", 0755) < 0 || mkdir(SWITCHROOT_NEW "/boot", 0755) < 0)
		return error_sys(err, errno, "directories in " SWITCHROOT_NEW);
	return 0;
}

/* Links and empty directories of the top level; what lies deeper belongs to the state step. */
static int lay_out(struct error *err)
{
	for (size_t i = 0; i < layout_n; i++) {
		const struct layout_row *row = &layout_all[i];
		char path[128];
		int r;

		if (row->path[1] == '\0' || strchr(row->path + 1, '/'))
			continue;
		(void)snprintf(path, sizeof(path), SWITCHROOT_NEW "%s", row->path);
		r = row->kind == LAYOUT_LINK ? symlink(row->source, path) : mkdir(path, row->mode);
		if (r < 0 && errno != EEXIST)
			return error_sys(err, errno, "%s", path);
	}
	return 0;
}

/* Best effort: without it the recovery console uses the image's. */
static void keep_busybox(void)
{
	AUTO_CLOSE int from = open("/bin/busybox", O_RDONLY | O_CLOEXEC);
	AUTO_CLOSE int to = -1;
	struct stat st;
	off_t at = 0;

	(void)mkdir("/run/ros/recovery", 0700);
	if (from < 0 || fstat(from, &st) < 0)
		return;
	to = open(SWITCHROOT_BUSYBOX, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	while (to >= 0 && at < st.st_size) {
		if (sendfile(to, from, &at, (size_t)(st.st_size - at)) <= 0) {
			(void)unlink(SWITCHROOT_BUSYBOX);
			return;
		}
	}
}

static int move_mounts(struct error *err)
{
	for (size_t i = 0; i < ARRAY_LEN(moved); i++) {
		char to[64];

		(void)snprintf(to, sizeof(to), SWITCHROOT_NEW "%s", moved[i]);
		if (mount(moved[i], to, NULL, MS_MOVE, NULL) < 0)
			return error_sys(err, errno, "move %s", moved[i]);
	}
	return 0;
}

/* Delete everything below dir that is on the device `dev`: mounts are left alone. */
static void empty(int dir, dev_t dev)
{
	AUTO_CLOSEDIR DIR *d = fdopendir(dir);
	const struct dirent *e;

	if (!d) {
		(void)close(dir);
		return;
	}
	while ((e = readdir(d))) {
		struct stat st;
		int sub;

		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		if (fstatat(dir, e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 || st.st_dev != dev)
			continue;
		if (!S_ISDIR(st.st_mode)) {
			(void)unlinkat(dir, e->d_name, 0);
			continue;
		}
		sub = openat(dir, e->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (sub >= 0)
			empty(sub, dev);
		(void)unlinkat(dir, e->d_name, AT_REMOVEDIR);
	}
}

/* Only ever an initrd: a file system in memory. -1 when the old root is anything else. */
static int open_old_root(void)
{
	int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct statfs fs;

	if (fd < 0)
		return -1;
	if (fstatfs(fd, &fs) == 0 && ((unsigned long)fs.f_type == RAMFS_MAGIC ||
				      (unsigned long)fs.f_type == TMPFS_MAGIC))
		return fd;
	(void)close(fd);
	return -1;
}

void switchroot_free(void)
{
	struct stat st;

	if (old_root < 0)
		return;
	if (fstat(old_root, &st) == 0)
		empty(old_root, st.st_dev);
	else
		(void)close(old_root);
	old_root = -1;
}

static int change_root(struct error *err)
{
	if (chdir(SWITCHROOT_NEW) < 0)
		return error_sys(err, errno, "enter the new root");
	if (mount(SWITCHROOT_NEW, "/", NULL, MS_MOVE, NULL) < 0)
		return error_sys(err, errno, "move the new root");
	if (chroot(".") < 0 || chdir("/") < 0)
		return error_sys(err, errno, "enter the new root");
	/* Mounts made later are seen in every namespace that was made from this one. */
	if (mount(NULL, "/", NULL, MS_REC | MS_SHARED, NULL) < 0)
		return error_sys(err, errno, "share the root's mounts");
	return 0;
}

int switchroot_go(struct error *err)
{
	AUTO_CLOSE int old = -1;
	int r;

	if (access(SWITCHROOT_NEW "/usr/bin", X_OK) < 0)
		return error_sys(err, errno, "no system image at " SWITCHROOT_NEW "/usr");
	r = lay_out(err);
	if (r < 0)
		return r;
	keep_busybox();
	old = open_old_root();
	r = move_mounts(err);
	if (r == 0)
		r = change_root(err);
	if (r == 0)
		old_root = TAKE_FD(old);
	return r;
}
