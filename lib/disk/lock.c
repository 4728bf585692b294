/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A disk's lock, as udev knows it.
 */
#include "lib/disk/lock.h"

#include <errno.h>
#include <fcntl.h>

#include "lib/lock.h"
#include "lib/scope.h"

int disk_lock(const char *path, int *ret, struct error *err)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	int r;

	if (fd < 0)
		return error_sys(err, errno, "%s", path);
	/* udev holds it while it looks at the disk. */
	r = lock_take(fd, path, err);
	if (r < 0)
		return r;
	*ret = TAKE_FD(fd);
	return 0;
}
