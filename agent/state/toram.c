/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The image is a loop device over a file of the medium. A read-only loop device takes another file
 * of the same size and content while it is in use: nobody who runs from it notices.
 */
#include "agent/state/toram.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <linux/major.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "lib/cmdline.h"
#include "lib/file.h"
#include "lib/scope.h"

/* What ros-early wrote: "iso9660 /dev/sr0", and more when there is nothing left to do. */
#define WHERE  "/run/ros/image"
#define MEDIUM "/boot"
#define IMAGE  MEDIUM "/ocicat/system.img"
#define KEEP   "/run/ros/boot"

/* What `ros install` takes from KEEP when the medium is gone (installer/payload.c). */
static const struct {
	const char *from, *to;
} kept[] = {
	{ MEDIUM "/boot/vmlinuz", KEEP "/vmlinuz" },
	{ MEDIUM "/boot/initrd", KEEP "/initrd" },
	{ MEDIUM "/ocicat/manifest.json", KEEP "/manifest.json" },
};

bool toram_fits(const char *meminfo, uint64_t need)
{
	const char *line = strstr(meminfo, "MemAvailable:");

	return line &&
	       strtoull(line + strlen("MemAvailable:"), NULL, 10) * 1024 >= need + TORAM_LEFT;
}

static bool is_wanted(void)
{
	AUTO_FREE struct cmdline *line = calloc(1, sizeof(*line));

	return line && cmdline_load(line, FILE_ROOT, NULL) == 0 &&
	       (!cmdline_get(line, "rancher.toram") || cmdline_flag(line, "rancher.toram"));
}

/* The device of a live medium that is in use, or "". */
static void medium_of(char *device, size_t size)
{
	AUTO_BUF struct buf where = BUF_WITH_LIMIT(200);
	char name[64] = "", more[8] = "";

	device[0] = '\0';
	if (file_read(FILE_ROOT, WHERE, &where, NULL) == 0 &&
	    sscanf(buf_text(&where), "iso9660 %63s %7s", name, more) == 1)
		(void)snprintf(device, size, "%s", name);
}

static uint64_t size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? (uint64_t)st.st_size : 0;
}

static uint64_t needed(void)
{
	uint64_t sum = size_of(IMAGE);

	for (size_t i = 0; i < ARRAY_LEN(kept); i++)
		sum += size_of(kept[i].from);
	return sum;
}

/* The loop device that is mounted on /usr. */
static int open_loop(int *ret, struct error *err)
{
	struct loop_info64 info;
	char path[64];
	struct stat st;
	AUTO_CLOSE int fd = -1;

	if (stat("/usr", &st) < 0)
		return error_sys(err, errno, "/usr");
	if (major(st.st_dev) != LOOP_MAJOR)
		return error_set(err, ENODEV, "/usr is on no loop device");
	(void)snprintf(path, sizeof(path), "/dev/loop%u", minor(st.st_dev));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || ioctl(fd, LOOP_GET_STATUS64, &info) < 0)
		return error_sys(err, errno, "%s", path);
	*ret = TAKE_FD(fd);
	return 0;
}

/* As a whole, or not: `ros install` takes what is there. */
static int copy_file(const char *from, const char *to, struct error *err)
{
	AUTO_CLOSE int in = open(from, O_RDONLY | O_CLOEXEC);
	AUTO_CLOSE int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	int r;

	if (in < 0 || out < 0)
		return error_sys(err, errno, "%s", in < 0 ? from : to);
	r = file_copy_fd(in, out, size_of(from), from, err);
	if (r < 0)
		(void)unlink(to);
	return r;
}

static int keep_boot_files(struct error *err)
{
	int r = file_mkdir(FILE_ROOT, KEEP, 0755, err);

	for (size_t i = 0; r == 0 && i < ARRAY_LEN(kept); i++)
		r = copy_file(kept[i].from, kept[i].to, err);
	return r;
}

static int move_image(struct error *err)
{
	AUTO_CLOSE int from = open(IMAGE, O_RDONLY | O_CLOEXEC);
	AUTO_CLOSE int to = memfd_create("system.img", MFD_CLOEXEC);
	AUTO_CLOSE int loop = -1;
	int r;

	if (from < 0 || to < 0)
		return error_sys(err, errno, "%s", from < 0 ? IMAGE : "memory file");
	r = open_loop(&loop, err);
	if (r == 0)
		r = file_copy_fd(from, to, size_of(IMAGE), IMAGE, err);
	if (r == 0 && ioctl(loop, LOOP_CHANGE_FD, to) < 0)
		r = error_sys(err, errno, "turn the system to its copy in memory");
	return r;
}

static int let_go(const char *device, char *why, size_t size, struct error *err)
{
	const struct file_attr attr = { .mode = 0644 };
	char text[128];

	(void)snprintf(text, sizeof(text), "iso9660 %s (copied to memory)\n", device);
	if (umount2(MEDIUM, 0) < 0 && umount2(MEDIUM, MNT_DETACH) < 0)
		return error_sys(err, errno, "unmount %s", device);
	(void)snprintf(why, size, "%s may be taken out", device);
	return file_publish(FILE_ROOT, WHERE, text, strlen(text), &attr, NULL, err);
}

int toram_run(char *why, size_t size, struct error *err)
{
	AUTO_BUF struct buf meminfo = BUF_WITH_LIMIT(64u << 10);
	char device[64];
	int r;

	medium_of(device, sizeof(device));
	if (!*device) {
		(void)snprintf(why, size, "no live medium is in use");
		return 0;
	}
	r = file_read(FILE_ROOT, "/proc/meminfo", &meminfo, err);
	if (r < 0)
		return r;
	if (!is_wanted() || !toram_fits(buf_text(&meminfo), needed())) {
		(void)snprintf(why, size, "%s must stay (%s)", device,
			       is_wanted() ? "too little memory" : "rancher.toram=false");
		return 0;
	}
	r = keep_boot_files(err);
	if (r == 0)
		r = move_image(err);
	return r < 0 ? r : let_go(device, why, size, err);
}
