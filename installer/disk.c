/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Facts only; what may be done with them is decided in refuse.c.
 */
#include "installer/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/disk/usage.h"
#include "lib/file.h"
#include "lib/scope.h"

/* This much of a blank disk is zero. */
#define BLANK_HEAD (1u << 20)
/* What is read of a superblock; a bit of its features (incompat), in the byte at 96. */
#define EXT4_HEAD    128
#define EXT4_RECOVER 0x04

static bool is_blank(int fd, uint64_t size)
{
	size_t want = size < BLANK_HEAD ? (size_t)size : BLANK_HEAD;
	AUTO_FREE char *head = malloc(BLANK_HEAD);
	ssize_t n;

	if (!head || !want)
		return true;
	n = pread(fd, head, want, 0);
	return n > 0 && !head[0] && !memcmp(head, head + 1, (size_t)n - 1);
}

/* The beginning of the superblock of the ext4 at this place, if there is one. */
static bool read_ext4(int fd, uint64_t start, unsigned char sb[EXT4_HEAD])
{
	return pread(fd, sb, EXT4_HEAD, (off_t)start + 1024) == EXT4_HEAD && sb[56] == 0x53 &&
	       sb[57] == 0xef;
}

bool disk_is_pending(int fd, uint64_t start)
{
	unsigned char sb[EXT4_HEAD];

	return read_ext4(fd, start, sb) && (sb[96] & EXT4_RECOVER);
}

/* Whether a partition is what an installation leaves and nobody has used it since: an ext4 tells
 * when it was last mounted. Of any other content (a container, a member of an array) nobody knows.
 */
static bool is_unused(int fd, const struct probe_part *part)
{
	static const unsigned char never[4];
	unsigned char sb[EXT4_HEAD];

	if (!strcmp(part->fs.type, "vfat"))
		return !strcmp(part->fs.label, INSTALL_LABEL_BOOT);
	if (!strcmp(part->fs.type, "ext4"))
		return !strcmp(part->fs.label, INSTALL_LABEL_STATE) &&
		       read_ext4(fd, part->start, sb) && !memcmp(sb + 44, never, sizeof(never));
	return !*part->fs.type;
}

/* The mark of an installation that was cut, beside nothing that somebody can have put there since:
 * a mark stays where other programs make their tables and file systems. */
static bool is_unfinished(const struct install_disk *d)
{
	char mark[sizeof(INSTALL_MARK) - 1];

	if (pread(d->fd, mark, sizeof(mark), INSTALL_MARK_AT) != (ssize_t)sizeof(mark) ||
	    memcmp(mark, INSTALL_MARK, sizeof(mark)) != 0 || *d->probe.whole.type)
		return false;
	for (size_t i = 0; i < d->probe.n; i++) {
		if (!is_unused(d->fd, &d->probe.parts[i]))
			return false;
	}
	return true;
}

/* A disk that somebody has claimed in a way that no list shows (another mount namespace). */
static bool is_claimed(const char *path)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_EXCL | O_CLOEXEC);

	return fd < 0 && errno == EBUSY;
}

static int find_path(int root, struct install_disk *d, struct error *err)
{
	char link[64];
	struct stat st;
	ssize_t n;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", d->fd);
	n = readlink(link, d->path, sizeof(d->path) - 1);
	if (n <= 0 || n >= (ssize_t)sizeof(d->path) - 1 || fstat(d->fd, &st) < 0)
		return error_set(err, ENAMETOOLONG, "%s", d->name);
	d->path[n] = '\0';
	if (!S_ISBLK(st.st_mode) && !S_ISREG(st.st_mode))
		return error_set(err, ENOTBLK, "%s is no disk", d->name);
	/* The real name, which the kernel's lists have; below a root it is the asked one. */
	if (root == FILE_ROOT && S_ISBLK(st.st_mode))
		(void)snprintf(d->name, sizeof(d->name), "%.*s", (int)sizeof(d->name) - 1, d->path);
	return 0;
}

static void look_sysfs(int root, struct install_disk *d)
{
	char path[128];

	if (strncmp(d->name, "/dev/", 5) != 0)
		return;
	(void)snprintf(path, sizeof(path), "/sys/class/block/%s/partition", d->name + 5);
	d->is_partition = file_exists(root, path);
	(void)snprintf(path, sizeof(path), "/sys/class/block/%s/ro", d->name + 5);
	if (file_exists(root, path)) {
		AUTO_BUF struct buf ro = BUF_WITH_LIMIT(16);

		if (file_read(root, path, &ro, NULL) == 0 && buf_text(&ro)[0] == '1')
			d->probe.read_only = true;
	}
}

int disk_look(int root, const char *device, struct install_disk *d, struct error *err)
{
	AUTO_BUF struct buf usage = BUF_WITH_LIMIT(4096);
	int r;

	*d = (struct install_disk){ .fd = -1 };
	(void)snprintf(d->name, sizeof(d->name), "%s", device);
	r = file_open(root, device, O_RDONLY, 0, &d->fd, err);
	if (r == -ENOENT || r == -ENXIO || r == -ENODEV || r == -ENOMEDIUM)
		return error_set(err, ENODATA, "there is no disk %s", device);
	if (r == 0)
		r = find_path(root, d, err);
	if (r == 0)
		r = probe_disk(d->fd, d->name, &d->probe, err);
	if (r < 0)
		return r;
	look_sysfs(root, d);
	usage_find(root, d->probe.is_file && root == FILE_ROOT ? d->path : d->name, &usage);
	if (!usage.len && !d->probe.is_file && is_claimed(d->path))
		buf_str(&usage, "held by a program or by the kernel");
	(void)snprintf(d->usage, sizeof(d->usage), "%s", buf_text(&usage));
	if (d->probe.is_file)
		d->probe.read_only |= faccessat(AT_FDCWD, d->path, W_OK, AT_EACCESS) < 0;
	d->unfinished = is_unfinished(d);
	for (size_t i = 0; i < d->probe.n; i++)
		d->pending[i] = disk_is_pending(d->fd, d->probe.parts[i].start);
	d->unknown_data = !is_blank(d->fd, d->probe.whole.size);
	return 0;
}

bool disk_is(int root, const struct install_disk *d, const char *device)
{
	AUTO_CLOSE int fd = -1;
	struct stat a, b;

	if (file_open(root, device, O_RDONLY, 0, &fd, NULL) < 0 || fstat(fd, &a) < 0 ||
	    fstat(d->fd, &b) < 0)
		return false;
	if (S_ISBLK(a.st_mode))
		return S_ISBLK(b.st_mode) && a.st_rdev == b.st_rdev;
	return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

void disk_close(struct install_disk *d)
{
	scope_close(&d->fd);
	d->fd = -1;
}

static void describe_fs(const struct probe *p, struct buf *out)
{
	buf_fmt(out, "%s%s%s", *p->type ? p->type : "unknown", *p->label ? " " : "", p->label);
}

void disk_describe(const struct install_disk *d, struct buf *out)
{
	const struct probe_disk *p = &d->probe;

	if (*p->table) {
		buf_fmt(out, "a %s table with %zu partition%s", p->table, p->n,
			p->n == 1 ? "" : "s");
		for (size_t i = 0; i < p->n; i++) {
			buf_str(out, i ? ", " : ": ");
			describe_fs(&p->parts[i].fs, out);
		}
	} else if (*p->whole.type) {
		describe_fs(&p->whole, out);
	} else if (d->unknown_data) {
		buf_str(out, "data of an unknown kind");
	}
}
