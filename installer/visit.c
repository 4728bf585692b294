/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A loop device covers the place, because its partition does not exist yet.
 */
#include "installer/visit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <unistd.h>

#include "lib/disk/loop.h"

int visit_check(struct error *err)
{
	return loop_check("a state with images", LOOP_PROGRAM, "util-linux", err);
}

static int visit(const char *device, int (*fn)(void *arg, const char *dir, struct error *err),
		 void *arg, struct error *err)
{
	char dir[] = "/tmp/ros-state-XXXXXX";
	int r;

	if (!mkdtemp(dir))
		return error_sys(err, errno, "%s", dir);
	if (mount(device, dir, "ext4", MS_NODEV | MS_NOSUID | MS_NOEXEC | MS_NOATIME, NULL) < 0)
		r = error_sys(err, errno, "mount %s", device);
	else {
		r = fn(arg, dir, err);
		/* Unmounting writes what is left. */
		if (umount2(dir, 0) < 0 && r == 0)
			r = error_sys(err, errno, "unmount %s", device);
	}
	(void)rmdir(dir);
	return r;
}

int visit_state(const struct mkfs_place *at,
		int (*fn)(void *arg, const char *dir, struct error *err), void *arg,
		struct error *err)
{
	char loop[64] = "";
	int r = loop_attach(at, loop, sizeof(loop), err);

	if (r < 0)
		return r;
	r = visit(loop, fn, arg, err);
	if (loop_detach(loop, r == 0 ? err : NULL) < 0 && r == 0)
		r = -err->code;
	return r;
}
