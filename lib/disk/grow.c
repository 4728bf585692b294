/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a partition lies is asked of sysfs; resize2fs does the file system's part.
 */
#include "lib/disk/grow.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/disk/table.h"
#include "lib/file.h"
#include "lib/proc.h"
#include "lib/scope.h"

/* Less than this behind a partition or a file system is not worth the while. */
#define GROW_SLACK (4ull << 20)
#define RESIZE_MS  (10 * 60 * 1000)
#define CHECK_MS   (10 * 60 * 1000)

/* A number of /sys/class/block/NAME/WHAT; false when there is none. */
static bool number_of(const char *name, const char *what, unsigned long long *ret)
{
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(64);
	char path[200], *end;

	(void)snprintf(path, sizeof(path), "/sys/class/block/%s/%s", name, what);
	if (file_read(FILE_ROOT, path, &b, NULL) < 0)
		return false;
	*ret = strtoull(buf_text(&b), &end, 10);
	return end != buf_text(&b);
}

/* "vda" of "vda2": the directory above it in sysfs. */
static bool disk_of(const char *name, char *disk, size_t size)
{
	char link[200], target[512], *slash;
	ssize_t n;

	(void)snprintf(link, sizeof(link), "/sys/class/block/%s", name);
	n = readlink(link, target, sizeof(target) - 1);
	if (n <= 0)
		return false;
	target[n] = '\0';
	slash = strrchr(target, '/');
	if (!slash)
		return false;
	*slash = '\0';
	slash = strrchr(target, '/');
	slash = slash ? slash + 1 : target;
	if (strlen(slash) >= size)
		return false;
	memcpy(disk, slash, strlen(slash) + 1);
	return true;
}

int grow_partition(const char *path, bool *ret_grown, struct error *err)
{
	const char *name = strrchr(path, '/');
	unsigned long long number, start, size, whole;
	char disk[64], device[80];

	*ret_grown = false;
	name = name ? name + 1 : path;
	if (!number_of(name, "partition", &number) || !number_of(name, "start", &start) ||
	    !number_of(name, "size", &size) || !disk_of(name, disk, sizeof(disk)) ||
	    !number_of(disk, "size", &whole))
		return 0;
	/* sysfs counts in 512 bytes, whatever the sectors are. */
	if (whole * 512 < (start + size) * 512 + GROW_SLACK)
		return 0;
	(void)snprintf(device, sizeof(device), "/dev/%s", disk);
	return table_grow(device, (unsigned)number, ret_grown, err);
}

static uint32_t le32(const unsigned char *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* Bytes of the ext file system by its superblock, 0 when there is none. */
static uint64_t ext_size(int fd)
{
	const uint32_t incompat_64bit = 0x80;
	unsigned char sb[1024];
	uint64_t blocks;

	if (pread(fd, sb, sizeof(sb), 1024) != (ssize_t)sizeof(sb) || sb[56] != 0x53 ||
	    sb[57] != 0xef || le32(sb + 24) > 6)
		return 0;
	blocks = le32(sb + 4);
	if (le32(sb + 96) & incompat_64bit)
		blocks |= (uint64_t)le32(sb + 336) << 32;
	return blocks * (1024ull << le32(sb + 24));
}

static bool has_room(const char *path)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	uint64_t device = 0, fs;

	if (fd < 0 || fstat(fd, &st) < 0)
		return false;
	if (S_ISREG(st.st_mode))
		device = (uint64_t)st.st_size;
	else if (ioctl(fd, BLKGETSIZE64, &device) < 0)
		return false;
	fs = ext_size(fd);
	return fs && fs + GROW_SLACK <= device;
}

int grow_filesystem(const char *path, const char *type, bool mounted, bool *ret_grown,
		    struct error *err)
{
	const char *check[] = { "e2fsck", "-f", "-p", path, NULL };
	const char *resize[] = { "resize2fs", path, NULL };
	int r;

	*ret_grown = false;
	if (strncmp(type, "ext", 3) != 0 || !has_room(path))
		return 0;
	/* It says 1 when it repaired something, which resize2fs accepts: let that one decide. */
	if (!mounted)
		(void)!proc_run(check, NULL, CHECK_MS, NULL, NULL);
	r = proc_run(resize, NULL, RESIZE_MS, NULL, err);
	*ret_grown = r == 0;
	return error_wrap(err, r, "grow the file system on %s", path);
}
