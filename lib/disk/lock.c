/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Locking a disk against udev.
 */
#include "lib/disk/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "lib/scope.h"

#define LOCK_TRIES 100
#define LOCK_PAUSE_US 100000

int disk_lock(const char *path, int *ret, struct error *err)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return error_sys(err, errno, "%s", path);
	/* udev holds it while it looks at the disk; flock(2) knows no deadline. */
	for (int i = 0; flock(fd, LOCK_EX | LOCK_NB) < 0; i++) {
		if (errno != EWOULDBLOCK || i == LOCK_TRIES)
			return error_set(err, EBUSY, "%s is locked by somebody", path);
		(void)usleep(LOCK_PAUSE_US);
	}
	*ret = TAKE_FD(fd);
	return 0;
}
