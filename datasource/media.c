/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opens media: as images where we can read the format ourselves, by fsopen(2) without a place in
 * the file tree where the kernel must.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>

#include "datasource/media.h"
#include "lib/disk/fsimage.h"
#include "lib/file.h"
#include "lib/scope.h"

#ifndef MOUNT_ATTR_NOSYMFOLLOW
#define MOUNT_ATTR_NOSYMFOLLOW 0x00200000
#endif

#define MEDIA_ATTRS                                                                     \
	(MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC | \
	 MOUNT_ATTR_NOSYMFOLLOW)

/* A mount: what the kernel is told. */
struct share {
	const char *type, *source;
	const char *const *options; /* pairs of key and value, NULL-terminated; or NULL */
};

/* The kernel's own words about a failed mount ("e isofs: Unable to identify CD-ROM format."). */
static int mount_failed(int fs, int code, const char *path, struct error *err)
{
	char text[256];
	ssize_t n = read(fs, text, sizeof(text) - 1);

	if (n <= 2)
		return error_sys(err, code, "%s cannot be read", path);
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return error_sys(err, code, "%s cannot be read: %s", path, text + 2);
}

static bool configure(int fs, const struct share *s)
{
	for (const char *const *o = s->options; o && *o; o += 2)
		if (fsconfig(fs, FSCONFIG_SET_STRING, o[0], o[1], 0) < 0)
			return false;
	return fsconfig(fs, FSCONFIG_SET_STRING, "source", s->source, 0) == 0 &&
	       fsconfig(fs, FSCONFIG_SET_FLAG, "ro", NULL, 0) == 0 &&
	       fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0;
}

static int mount_share(const struct share *s, struct media *ret, struct error *err)
{
	AUTO_CLOSE int fs = fsopen(s->type, FSOPEN_CLOEXEC);
	int mnt;

	if (fs < 0)
		return error_sys(err, errno, "%s holds %s, which the kernel does not know",
				 s->source, s->type);
	if (!configure(fs, s))
		return mount_failed(fs, errno, s->source, err);
	mnt = fsmount(fs, FSMOUNT_CLOEXEC, MEDIA_ATTRS);
	if (mnt < 0)
		return mount_failed(fs, errno, s->source, err);
	ret->fd = mnt;
	return 0;
}

int media_open(int root, const struct probe *p, struct media *ret, struct error *err)
{
	const struct share share = { .type = p->type, .source = p->path };

	*ret = (struct media){ .fd = -1 };
	if (fsimage_is_known(p->type)) {
		(void)snprintf(ret->type, sizeof(ret->type), "%s", p->type);
		return file_open(root, p->path, O_RDONLY, 0, &ret->fd, err);
	}
	if (root != FILE_ROOT)
		return error_set(err, ENOTSUP,
				 "%s holds %s, which is only read on a running machine", p->path,
				 p->type);
	return mount_share(&share, ret, err);
}

int media_open_9p(int root, const char *tag, struct media *ret, struct error *err)
{
	static const char *const options[] = { "trans", "virtio", "version", "9p2000.L", NULL };
	const struct share share = { .type = "9p", .source = tag, .options = options };

	*ret = (struct media){ .fd = -1 };
	if (root != FILE_ROOT)
		return error_set(err, ENODATA, "a 9p share is only read on a running machine");
	return mount_share(&share, ret, err);
}

int media_open_dir(int root, const char *dir, struct media *ret, struct error *err)
{
	*ret = (struct media){ .fd = -1 };
	if (strlen(dir) >= sizeof(ret->prefix))
		return error_set(err, ENAMETOOLONG, "%s", dir);
	(void)snprintf(ret->prefix, sizeof(ret->prefix), "%s", dir);
	if (root == FILE_ROOT) {
		ret->fd = FILE_ROOT;
		return 0;
	}
	ret->fd = fcntl(root, F_DUPFD_CLOEXEC, 0);
	return ret->fd < 0 ? error_sys(err, errno, "%s", dir) : 0;
}

int media_read(const struct media *m, const char *path, struct buf *b, struct error *err)
{
	char full[384];
	int r;

	if (m->type[0]) {
		r = fsimage_read(m->fd, m->type, path, b, err);
		return r < 0 && r != -ENOENT ? error_wrap(err, r, "%s", path) : r;
	}
	if (snprintf(full, sizeof(full), "%s/%s", m->prefix, path) >= (int)sizeof(full))
		return error_set(err, ENAMETOOLONG, "%s", path);
	r = file_read(m->fd, full, b, err);
	/* A file in the way of a directory is no directory: nothing is there. */
	return r == -ENOTDIR ? error_set(err, ENOENT, "no %s", path) : r;
}

void media_close(struct media *m)
{
	if (m->fd >= 0)
		(void)close(m->fd);
	m->fd = -1;
}
