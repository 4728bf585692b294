/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mounts a medium by fsopen(2), without a place in the file tree.
 *
 * Below a --root a medium is a plain file; reading that without mounting belongs here as well and
 * comes with the datasources that are tested that way.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>

#include "datasource/media.h"
#include "lib/file.h"
#include "lib/scope.h"

#ifndef MOUNT_ATTR_NOSYMFOLLOW
#define MOUNT_ATTR_NOSYMFOLLOW 0x00200000
#endif

#define MEDIA_ATTRS \
	(MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC | \
	 MOUNT_ATTR_NOSYMFOLLOW)

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

int media_open(int root, const struct probe *p, int *ret, struct error *err)
{
	AUTO_CLOSE int fs = -1;
	int mnt;

	if (root != FILE_ROOT)
		return error_set(err, ENOTSUP, "%s is an image file below --root: not read yet",
				 p->path);
	fs = fsopen(p->type, FSOPEN_CLOEXEC);
	if (fs < 0)
		return error_sys(err, errno, "%s holds %s, which the kernel does not know", p->path,
				 p->type);
	if (fsconfig(fs, FSCONFIG_SET_STRING, "source", p->path, 0) < 0 ||
	    fsconfig(fs, FSCONFIG_SET_FLAG, "ro", NULL, 0) < 0 ||
	    fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return mount_failed(fs, errno, p->path, err);
	mnt = fsmount(fs, FSMOUNT_CLOEXEC, MEDIA_ATTRS);
	if (mnt < 0)
		return mount_failed(fs, errno, p->path, err);
	*ret = mnt;
	return 0;
}
