/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns the mounts below /newroot and the loop device of the image.
 */
#include "init/early/medium.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/scope.h"

#define MARKER MEDIUM_USR "/share/ros/version"
#define INITRD_VERSION "/version"
#define LOOP_TRIES 8

static const struct {
	const char *type, *options;
} options[] = {
	{ "vfat", "umask=0077,shortname=mixed" },
	{ "iso9660", "mode=0444,dmode=0555" },
};

static const char *options_of(const char *type)
{
	for (size_t i = 0; i < ARRAY_LEN(options); i++) {
		if (!strcmp(options[i].type, type))
			return options[i].options;
	}
	return NULL;
}

/* The kernel would find the module itself, through a program that costs more than this. */
static void need_type(struct module_index *ix, const char *type)
{
	module_load(ix, !strcmp(type, "iso9660") ? "isofs" : type);
	if (!strcmp(type, "vfat")) {
		module_load(ix, "nls_cp437");
		module_load(ix, "nls_iso8859-1");
		module_load(ix, "nls_ascii");
	}
}

int medium_mount(struct module_index *ix, const struct probe *p, struct error *err)
{
	need_type(ix, p->type);
	if (mount(p->path, MEDIUM_BOOT, p->type, MS_RDONLY | MS_NODEV | MS_NOSUID | MS_NOEXEC,
		  options_of(p->type)) < 0)
		return error_sys(err, errno, "mount %s as %s", p->path, p->type);
	return 0;
}

void medium_unmount(void)
{
	(void)umount2(MEDIUM_BOOT, MNT_DETACH);
}

int medium_use_device(struct module_index *ix, const struct probe *p, struct error *err)
{
	need_type(ix, p->type);
	if (mount(p->path, MEDIUM_USR, p->type, MS_RDONLY | MS_NODEV, NULL) < 0)
		return error_sys(err, errno, "mount %s as %s", p->path, p->type);
	return 0;
}

/* A loop device that goes away with its mount. */
static int attach(int file, const char *name, char dev[32], int *ret_fd, struct error *err)
{
	AUTO_CLOSE int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	struct loop_config config = {
		.fd = (uint32_t)file,
		.info.lo_flags = LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR,
	};

	if (control < 0)
		return error_sys(err, errno, "/dev/loop-control");
	(void)snprintf((char *)config.info.lo_file_name, sizeof(config.info.lo_file_name), "%s",
		       name);
	for (int i = 0; i < LOOP_TRIES; i++) {
		int n = ioctl(control, LOOP_CTL_GET_FREE);
		AUTO_CLOSE int fd = -1;

		if (n < 0)
			return error_sys(err, errno, "free loop device");
		(void)snprintf(dev, 32, "/dev/loop%d", n);
		fd = open(dev, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			return error_sys(err, errno, "%s", dev);
		if (ioctl(fd, LOOP_CONFIGURE, &config) == 0) {
			*ret_fd = TAKE_FD(fd);
			return 0;
		}
		/* Somebody else was faster. */
		if (errno != EBUSY)
			return error_sys(err, errno, "attach %s to %s", name, dev);
	}
	return error_set(err, EBUSY, "no free loop device");
}

static int copy_to_memory(int from, uint64_t size, int *ret_fd, struct error *err)
{
	AUTO_CLOSE int to = memfd_create("system.img", MFD_CLOEXEC);
	int r;

	if (to < 0)
		return error_sys(err, errno, "memory file");
	r = file_copy_fd(from, to, size, "the system image", err);
	if (r == 0)
		*ret_fd = TAKE_FD(to);
	return r;
}

static int mount_loop(int file, const char *name, const char *type, struct error *err)
{
	AUTO_CLOSE int loop = -1;
	char dev[32];
	int r = attach(file, name, dev, &loop, err);

	if (r < 0)
		return r;
	if (mount(dev, MEDIUM_USR, type, MS_RDONLY | MS_NODEV, NULL) < 0)
		return error_sys(err, errno, "mount %s as %s", name, type);
	return 0;
}

int medium_use_file(struct module_index *ix, const char *path, bool copy, struct error *err)
{
	AUTO_CLOSE int file = open(path, O_RDONLY | O_CLOEXEC);
	AUTO_CLOSE int memory = -1;
	struct probe p;
	int r;

	if (file < 0)
		return error_sys(err, errno, "%s", path);
	r = probe_device(FILE_ROOT, path, &p, err);
	if (r < 0)
		return r;
	if (strcmp(p.type, "squashfs") != 0 && strcmp(p.type, "erofs") != 0)
		return error_set(err, EMEDIUMTYPE, "%s is no system image (%s)", path,
				 p.type[0] ? p.type : "nothing known");
	if (copy)
		r = copy_to_memory(file, p.size, &memory, err);
	if (r < 0)
		return r;
	need_type(ix, p.type);
	module_load(ix, "loop");
	return mount_loop(copy ? memory : file, path, p.type, err);
}

static int check_version(struct error *err)
{
	AUTO_BUF struct buf ours = BUF_WITH_LIMIT(256);
	AUTO_BUF struct buf its = BUF_WITH_LIMIT(256);
	int r;

	if (file_read(FILE_ROOT, INITRD_VERSION, &ours, NULL) < 0)
		return 0;
	r = file_read(FILE_ROOT, MARKER, &its, err);
	if (r < 0)
		return r;
	if (strcmp(buf_text(&ours), buf_text(&its)) != 0)
		return error_set(err, EMEDIUMTYPE, "is version %.*s, and not %.*s",
				 (int)strcspn(buf_text(&its), "\n"), buf_text(&its),
				 (int)strcspn(buf_text(&ours), "\n"), buf_text(&ours));
	return 0;
}

int medium_check(bool same_version, struct error *err)
{
	struct utsname un = { 0 };
	char modules[200];
	int r = 0;

	(void)uname(&un);
	(void)snprintf(modules, sizeof(modules), MEDIUM_USR "/lib/modules/%s", un.release);
	if (access(MARKER, R_OK) < 0)
		r = error_set(err, EMEDIUMTYPE, "is no OcicatOS system");
	else if (access(modules, R_OK) < 0)
		r = error_set(err, EMEDIUMTYPE, "is a system for another kernel than %s",
			      un.release);
	else if (same_version)
		r = check_version(err);
	if (r < 0)
		(void)umount2(MEDIUM_USR, MNT_DETACH);
	return r;
}
