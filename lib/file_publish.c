/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Publishing a file: whoever reads it sees the old content or the new, also after a power cut
 * (unless its publisher does not care for that).
 */
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <linux/magic.h>

#include "lib/file.h"

/* How often another name is tried when the temporary one is taken. */
#define PUBLISH_TRIES 16
/* So much of the file's name is kept in the temporary one; NAME_MAX has room for the rest. */
#define PUBLISH_BASE 200

/* The temporary file: removed when the scope ends before it got its real name. */
struct temp {
	int dir; /* borrowed */
	char name[NAME_MAX + 1];
};

static void temp_done(struct temp *t)
{
	if (t->name[0] != '\0')
		(void)unlinkat(t->dir, t->name, 0);
}

struct content {
	const void *data;
	size_t len;
	const struct file_attr *attr;
};

/* Is what stands there already a file with this content and these attributes? */
static bool is_published(int dir, const char *base, const struct content *c)
{
	AUTO_BUF struct buf old = BUF_WITH_LIMIT(c->len + 1);
	AUTO_CLOSE int fd = -1;
	struct stat st;

	fd = openat(dir, base, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return false;
	if ((st.st_mode & 07777) != (c->attr->mode & 07777) || st.st_uid != c->attr->uid ||
	    st.st_gid != c->attr->gid || (size_t)st.st_size != c->len)
		return false;
	if (file_read_fd(fd, base, &old, NULL) < 0 || old.len != c->len)
		return false;
	return c->len == 0 || memcmp(old.data, c->data, c->len) == 0;
}

static int temp_create(struct temp *t, const char *base, int *ret, struct error *err)
{
	unsigned tail = 0;
	int fd = -1;

	for (int i = 0; fd < 0 && i < PUBLISH_TRIES; i++) {
		t->name[0] = '\0';
		/* Not a secret, only unlikely to be taken: never wait for entropy. */
		if (getrandom(&tail, sizeof(tail), GRND_INSECURE) != (ssize_t)sizeof(tail))
			return error_sys(err, errno, "getrandom");
		(void)snprintf(t->name, sizeof(t->name), ".%.*s.%08x", PUBLISH_BASE, base,
			       tail);
		fd = openat(t->dir, t->name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			    0600);
		if (fd < 0 && errno != EEXIST)
			break;
	}
	if (fd < 0) {
		/* A name that was taken is not ours to remove. */
		t->name[0] = '\0';
		return error_sys(err, errno, "create a temporary file");
	}
	*ret = fd;
	return 0;
}

static int write_all(int fd, const char *data, size_t len, struct error *err)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_sys(err, errno, "write");
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

static int fill(int fd, const struct content *c, struct error *err)
{
	struct stat st;
	int r;

	r = write_all(fd, c->data, c->len, err);
	if (r < 0)
		return r;
	if (fstat(fd, &st) < 0)
		return error_sys(err, errno, "stat");
	/* The owner first: changing it clears setuid and setgid bits. */
	if ((st.st_uid != c->attr->uid || st.st_gid != c->attr->gid) &&
	    fchown(fd, c->attr->uid, c->attr->gid) < 0)
		return error_sys(err, errno, "chown to %u:%u", (unsigned)c->attr->uid,
				 (unsigned)c->attr->gid);
	if (fchmod(fd, c->attr->mode & 07777) < 0)
		return error_sys(err, errno, "chmod");
	if (!c->attr->relaxed && fsync(fd) < 0)
		return error_sys(err, errno, "sync");
	return 0;
}

/* Make the rename itself last. In RAM there is nothing to last. */
static int sync_dir(int dir, struct error *err)
{
	AUTO_CLOSE int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct statfs fs;

	if (fd < 0 || fstatfs(fd, &fs) < 0)
		return error_sys(err, errno, "open the directory");
	if (fs.f_type == TMPFS_MAGIC || fs.f_type == RAMFS_MAGIC)
		return 0;
	/* EINVAL: this file system cannot; the file itself was synced. */
	if (fsync(fd) < 0 && errno != EINVAL)
		return error_sys(err, errno, "sync the directory");
	return 0;
}

static int replace(int dir, const char *base, const struct content *c, struct error *err)
{
	CLEANUP(temp_done) struct temp t = { .dir = dir };
	AUTO_CLOSE int fd = -1;
	int r;

	r = temp_create(&t, base, &fd, err);
	if (r < 0)
		return r;
	r = fill(fd, c, err);
	if (r < 0)
		return r;
	if (renameat(dir, t.name, dir, base) < 0)
		return error_sys(err, errno, "rename");
	t.name[0] = '\0';
	return c->attr->relaxed ? 0 : sync_dir(dir, err);
}

/* The directory that holds path, made when it is not there. */
static int open_or_make_parent(int root, const char *path, int *ret, const char **ret_base,
			       struct error *err)
{
	const char *slash = strrchr(path, '/');
	char dir[PATH_MAX];
	int r;

	r = file_parent(root, path, ret, ret_base, err);
	if (r != -ENOENT || !slash)
		return r;
	error_reset(err);
	/* It is shorter than PATH_MAX, or file_parent() would have said so. */
	(void)snprintf(dir, sizeof(dir), "%.*s", (int)(slash - path), path);
	r = file_mkdir(root, dir, 0755, err);
	if (r < 0)
		return r;
	return file_parent(root, path, ret, ret_base, err);
}

int file_publish(int root, const char *path, const void *data, size_t len,
		 const struct file_attr *attr, bool *changed, struct error *err)
{
	const struct content c = { .data = data, .len = len, .attr = attr };
	AUTO_CLOSE int dir = -1;
	const char *base;
	bool differs;
	int r;

	r = open_or_make_parent(root, path, &dir, &base, err);
	if (r < 0)
		return error_wrap(err, r, "publish");
	differs = !is_published(dir, base, &c);
	if (differs) {
		r = replace(dir, base, &c, err);
		if (r < 0)
			return error_wrap(err, r, "publish %s", path);
	}
	if (changed)
		*changed = differs;
	return 0;
}
