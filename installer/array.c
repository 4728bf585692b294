/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs mdadm.
 */
#include "installer/array.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "lib/disk/loop.h"
#include "lib/proc.h"
#include "lib/scope.h"

#define MDADM    "/usr/sbin/mdadm"
#define MDADM_MS 60000
/* Numbers below these are given to arrays that are there already. */
#define NUMBER_FIRST 100
#define NUMBER_LAST  119

int array_check(struct error *err)
{
	return loop_check("an array", MDADM, "mdadm", err);
}

static int free_name(char *path, size_t size, struct error *err)
{
	char sys[64];

	for (int i = NUMBER_FIRST; i <= NUMBER_LAST; i++) {
		(void)snprintf(sys, sizeof(sys), "/sys/block/md%d/md", i);
		if (access(sys, F_OK) == 0)
			continue;
		(void)snprintf(path, size, "/dev/md%d", i);
		return 0;
	}
	return error_set(err, EBUSY, "every number for an array is taken");
}

/* Nothing is read from a fresh file system that was not written through the array: there is nothing
 * to make equal first. */
static int create(struct array *a, struct error *err)
{
	char path[sizeof(a->path)];
	const char *modules[] = { "modprobe", "-q", "raid1", NULL };
	const char *argv[] = { MDADM,
			       "--create",
			       path,
			       "--run",
			       "--level=1",
			       "--raid-devices=2",
			       "--metadata=1.2",
			       "--assume-clean",
			       "--homehost=any",
			       "--name=ros-state",
			       a->loop[0],
			       a->loop[1],
			       NULL };
	int r = free_name(path, sizeof(path), err);

	if (r < 0)
		return r;
	(void)!proc_run(modules, NULL, MDADM_MS, NULL, NULL);
	r = proc_run(argv, NULL, MDADM_MS, NULL, err);
	if (r == 0)
		(void)snprintf(a->path, sizeof(a->path), "%s", path);
	return r;
}

int array_make(const struct mkfs_place at[ARRAY_MEMBERS], struct array *ret, struct error *err)
{
	AUTO_CLOSE int fd = -1;
	off_t end;
	int r = 0;

	*ret = (struct array){ 0 };
	for (int i = 0; r == 0 && i < ARRAY_MEMBERS; i++)
		r = loop_attach(&at[i], ret->loop[i], sizeof(ret->loop[i]), err);
	if (r == 0)
		r = create(ret, err);
	if (r < 0)
		return r;
	fd = open(ret->path, O_RDONLY | O_CLOEXEC);
	end = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);
	if (end <= 0)
		return error_sys(err, errno, "%s", ret->path);
	ret->size = (uint64_t)end;
	return 0;
}

int array_stop(struct array *a, struct error *err)
{
	const char *argv[] = { MDADM, "--stop", a->path, NULL };
	int r = *a->path ? proc_run(argv, NULL, MDADM_MS, NULL, err) : 0;

	if (r == 0)
		a->path[0] = '\0';
	for (int i = 0; r == 0 && i < ARRAY_MEMBERS; i++)
		r = loop_detach(a->loop[i], err);
	return r;
}
