/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs mkfs.vfat, mkfs.ext4 and debugfs.
 */
#include "lib/disk/mkfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/proc.h"
#include "lib/scope.h"

#define MKFS_TIMEOUT_MS (5 * 60 * 1000)
#define EXT4_BLOCK      4096
#define EXT4_MOUNTED_AT (1024 + 44)
/* What debugfs says of a file's directories. */
#define PARENTS_MAX 65536
/* dosfstools counts the size in these, whatever the sectors are. */
#define FAT_UNIT        1024
#define FAT_CLUSTER_MAX 4096
/* A few more than the 65525 that FAT32 begins at, for the tables' share of the size. */
#define FAT32_CLUSTERS 67000

/* What has fewer clusters is FAT16 to whoever reads it. */
static unsigned sectors_per_cluster(const struct mkfs_place *at)
{
	unsigned n = 1;

	while (n * at->sector < FAT_CLUSTER_MAX && at->size / (2 * n * at->sector) > FAT32_CLUSTERS)
		n *= 2;
	return n;
}

int mkfs_fat(const struct mkfs_place *at, const char *label, struct error *err)
{
	char offset[32], sector[16], size[32], cluster[16];
	const char *argv[] = { "mkfs.vfat", "-F",   "32",     "-n",      label,      "-S",
			       sector,      "-s",   cluster,  "--mbr=n", "--offset", offset,
			       "-h",        offset, at->path, size,      NULL };

	(void)snprintf(sector, sizeof(sector), "%u", at->sector);
	(void)snprintf(cluster, sizeof(cluster), "%u", sectors_per_cluster(at));
	(void)snprintf(offset, sizeof(offset), "%llu",
		       (unsigned long long)(at->start / at->sector));
	(void)snprintf(size, sizeof(size), "%llu", (unsigned long long)(at->size / FAT_UNIT));
	return error_wrap(err, proc_run(argv, NULL, MKFS_TIMEOUT_MS, NULL, err), "FAT32 on %s",
			  at->path);
}

int mkfs_ext4(const struct mkfs_place *at, const char *label, struct error *err)
{
	char options[128], blocks[32];
	const char *argv[] = { "mkfs.ext4", "-q", "-F",  "-b", "4096",  "-m",     "1",    "-i",
			       "8192",      "-L", label, "-E", options, at->path, blocks, NULL };

	(void)snprintf(options, sizeof(options),
		       "offset=%llu,nodiscard,root_owner=0:0,lazy_itable_init=1,"
		       "lazy_journal_init=1",
		       (unsigned long long)at->start);
	(void)snprintf(blocks, sizeof(blocks), "%llu", (unsigned long long)(at->size / EXT4_BLOCK));
	return error_wrap(err, proc_run(argv, NULL, MKFS_TIMEOUT_MS, NULL, err), "ext4 on %s",
			  at->path);
}

static int device_name(const struct mkfs_place *at, char *name, size_t size, struct error *err)
{
	if (snprintf(name, size, "%s?offset=%llu", at->path, (unsigned long long)at->start) >=
	    (int)size)
		return error_set(err, ENAMETOOLONG, "%s", at->path);
	return 0;
}

int mkfs_ext4_unused(const struct mkfs_place *at, struct error *err)
{
	AUTO_CLOSE int fd = open(at->path, O_RDONLY | O_CLOEXEC);
	char device[600], when[4], never[4] = { 0 };
	const char *argv[] = { "debugfs", "-w", "-R", "set_super_value mtime @0", device, NULL };
	int r = device_name(at, device, sizeof(device), err);

	if (r == 0)
		r = proc_run(argv, NULL, MKFS_TIMEOUT_MS, NULL, err);
	if (r == 0 && (fd < 0 || pread(fd, when, 4, (off_t)at->start + EXT4_MOUNTED_AT) != 4 ||
		       memcmp(when, never, 4) != 0))
		r = error_set(err, EIO, "it still says when it was mounted");
	return error_wrap(err, r, "ext4 on %s", at->path);
}

/* debugfs says no more than a line about what went wrong, and goes on: the file is read back. */
static int check_put(const char *device, const char *path, const void *data, size_t len,
		     struct error *err)
{
	AUTO_BUF struct buf out = BUF_WITH_LIMIT(len + 4096);
	char request[600];
	const char *argv[] = { "debugfs", "-R", request, device, NULL };
	int r;

	(void)snprintf(request, sizeof(request), "cat %s", path);
	r = proc_run(argv, NULL, MKFS_TIMEOUT_MS, &out, err);
	/* Its banner comes first. */
	if (r == 0 && (out.len < len || memcmp(out.data + out.len - len, data, len) != 0))
		r = error_set(err, EIO, "%s was not written as it should be", path);
	return r;
}

/* How many of the directories above a file are there already. */
static int count_parents(const char *device, const char *path, size_t *ret, struct error *err)
{
	/* What debugfs says of each that is. */
	static const char there[] = " is part of block group ";
	AUTO_BUF struct buf script = { 0 }, out = BUF_WITH_LIMIT(PARENTS_MAX);
	const char *argv[] = { "debugfs", "-f", "-", device, NULL };
	int r;

	*ret = 0;
	for (const char *p = path + 1; (p = strchr(p, '/')); p++)
		buf_fmt(&script, "imap %.*s\n", (int)(p - path), path);
	r = buf_check(&script, err);
	if (r == 0)
		r = proc_run(argv, buf_text(&script), MKFS_TIMEOUT_MS, &out, err);
	for (const char *p = buf_text(&out); r == 0 && (p = strstr(p, there)); p++)
		++*ret;
	return r;
}

/* The commands that make the directories that a file lacks; each is root's. One that is there must
 * not be made: debugfs then leaves half of a second one behind, which e2fsck stumbles upon. */
static int script_parents(struct buf *script, const char *device, const char *path,
			  struct error *err)
{
	size_t there = 0;
	int r = count_parents(device, path, &there, err);

	for (const char *p = path + 1; r == 0 && (p = strchr(p, '/')); p++) {
		int n = (int)(p - path);

		if (there && there--)
			continue;
		buf_fmt(script,
			"mkdir %.*s\nsif %.*s mode 040755\nsif %.*s uid 0\nsif %.*s gid 0\n", n,
			path, n, path, n, path, n, path);
	}
	return r;
}

/* Two slashes are one: debugfs would make a directory that has no name. */
static int one_slash(const char *from, char *to, size_t size, struct error *err)
{
	size_t n = 0;

	for (; *from; from++) {
		if (from[0] == '/' && from[1] == '/')
			continue;
		if (n + 1 >= size)
			return error_set(err, ENAMETOOLONG, "a path of more than %zu bytes", size);
		to[n++] = *from;
	}
	to[n] = '\0';
	return 0;
}

int mkfs_ext4_put(const struct mkfs_place *at, const char *name, const void *data, size_t len,
		  unsigned mode, struct error *err)
{
	char device[600], path[512];
	const char *argv[] = { "debugfs", "-w", "-f", "-", device, NULL };
	AUTO_CLOSE int fd = memfd_create("content", MFD_CLOEXEC);
	AUTO_BUF struct buf script = { 0 };
	int r = device_name(at, device, sizeof(device), err);

	if (r == 0)
		r = one_slash(name, path, sizeof(path), err);
	if (r < 0)
		return r;
	if (fd < 0 || write(fd, data, len) != (ssize_t)len)
		return error_sys(err, errno, "%s", path);
	r = script_parents(&script, device, path, err);
	if (r < 0)
		return error_wrap(err, r, "ext4 on %s", at->path);
	buf_fmt(&script, "rm %s\nwrite /proc/%d/fd/%d %s\n", path, (int)getpid(), fd, path);
	buf_fmt(&script, "sif %s mode 0%o\nsif %s uid 0\nsif %s gid 0\n", path, 0100000 | mode,
		path, path);
	r = buf_check(&script, err);
	if (r == 0)
		r = proc_run(argv, buf_text(&script), MKFS_TIMEOUT_MS, NULL, err);
	if (r == 0)
		r = check_put(device, path, data, len, err);
	return error_wrap(err, r, "ext4 on %s", at->path);
}
