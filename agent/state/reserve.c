/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reserve is a file without content: its blocks are taken, and nothing is ever written to it.
 */
#include "agent/state/reserve.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/statvfs.h>

#include "lib/file.h"
#include "lib/file_remove.h"
#include "lib/scope.h"

/* Booting writes less than this. */
#define FULL (16ull << 20)
/* A disk with less to spare keeps all of it for its owner. */
#define PLENTY (8 * RESERVE_SIZE)

enum reserve_act reserve_decide(uint64_t free_bytes, bool is_there)
{
	if (is_there)
		return free_bytes < FULL ? RESERVE_RELEASE : RESERVE_LEAVE;
	return free_bytes >= PLENTY ? RESERVE_MAKE : RESERVE_LEAVE;
}

static int make(int root, struct error *err)
{
	AUTO_CLOSE int fd = -1;
	int r = file_mkdir(root, "var/lib/rancher", 0755, err);

	if (r == 0)
		r = file_open(root, RESERVE_FILE, O_WRONLY | O_CREAT | O_TRUNC, 0600, &fd, err);
	if (r < 0)
		return r;
	/* A file system that cannot do this has no reserve. */
	if (fallocate(fd, 0, 0, (off_t)RESERVE_SIZE) < 0) {
		int code = errno;

		(void)!file_remove(root, RESERVE_FILE, NULL, NULL);
		return code == EOPNOTSUPP ? 0 : error_sys(err, code, "reserve of space");
	}
	return 0;
}

int reserve_check(int root, bool *ret_released, struct error *err)
{
	AUTO_CLOSE int fd = -1;
	struct statvfs fs;
	uint64_t free_bytes;
	int r = file_open(root, ".", O_RDONLY | O_DIRECTORY, 0, &fd, err);

	*ret_released = false;
	if (r < 0)
		return r;
	if (fstatvfs(fd, &fs) < 0)
		return error_sys(err, errno, "free space");
	free_bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
	switch (reserve_decide(free_bytes, file_exists(root, RESERVE_FILE))) {
	case RESERVE_MAKE:
		return make(root, err);
	case RESERVE_RELEASE:
		return file_remove(root, RESERVE_FILE, ret_released, err);
	case RESERVE_LEAVE:
		break;
	}
	return 0;
}
