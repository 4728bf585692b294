/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Waiting for a file that another process makes, possibly in directories that are not there yet.
 * A file system mounted over one of the watched directories is not noticed: inotify does not tell.
 */
#define _GNU_SOURCE 1
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include "lib/clock.h"
#include "lib/file.h"

/* Anything that can bring the next component into being, or take the watched directory away. */
#define WAIT_EVENTS (IN_CREATE | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR)

/* The nearest existing directory above the last component of path. */
static void nearest(const char *path, char dir[PATH_MAX])
{
	struct stat st;
	char *slash;

	memcpy(dir, path, strlen(path) + 1);
	do {
		slash = strrchr(dir, '/');
		if (slash == dir) {
			dir[1] = '\0';
			return;
		}
		*slash = '\0';
	} while (stat(dir, &st) < 0 || !S_ISDIR(st.st_mode));
}

/* Read away what woke us: the file system is looked at again in any case. */
static int drain(int fd, struct error *err)
{
	char events[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	ssize_t n;

	do
		n = read(fd, events, sizeof(events));
	while (n > 0 || (n < 0 && errno == EINTR));
	if (n < 0 && errno != EAGAIN)
		return error_sys(err, errno, "read inotify");
	return 0;
}

/* Watch one directory until something happened in it; at once when it is no longer the nearest. */
static int wait_in(const char *dir, const char *path, int64_t deadline, struct error *err)
{
	AUTO_CLOSE int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char again[PATH_MAX];

	if (fd < 0)
		return error_sys(err, errno, "inotify");
	if (inotify_add_watch(fd, dir, WAIT_EVENTS) < 0) {
		if (errno == ENOENT || errno == ENOTDIR)
			return 0;
		return error_sys(err, errno, "watch %s", dir);
	}
	nearest(path, again);
	if (strcmp(dir, again) != 0 || file_exists(FILE_ROOT, path))
		return 0;
	if (poll(&p, 1, clock_left_ms(deadline)) < 0 && errno != EINTR)
		return error_sys(err, errno, "poll");
	return drain(fd, err);
}

int file_wait(const char *path, int timeout_ms, struct error *err)
{
	int64_t deadline = clock_ms() + timeout_ms;
	char dir[PATH_MAX];
	int r;

	if (path[0] != '/' || strlen(path) >= sizeof(dir))
		return error_set(err, EINVAL, "wait for \"%.64s\": not an absolute path", path);
	while (!file_exists(FILE_ROOT, path)) {
		if (clock_left_ms(deadline) == 0)
			return error_set(err, ETIMEDOUT, "%s did not appear within %d ms", path,
					 timeout_ms);
		nearest(path, dir);
		r = wait_in(dir, path, deadline, err);
		if (r < 0)
			return error_wrap(err, r, "wait for %s", path);
	}
	return 0;
}
