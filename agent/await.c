/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hand-shake files, by inotify.
 */
#include "agent/await.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/scope.h"

int await_open(const char *path, int *ret_fd, struct error *err)
{
	AUTO_CLOSE int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	const char *slash = strrchr(path, '/');
	char dir[256];

	if (fd < 0)
		return error_sys(err, errno, "inotify");
	snprintf(dir, sizeof(dir), "%.*s", slash > path ? (int)(slash - path) : 1,
		 slash > path ? path : "/");
	if (inotify_add_watch(fd, dir, IN_CREATE | IN_MOVED_TO) < 0)
		return error_sys(err, errno, "watch %s", dir);
	*ret_fd = TAKE_FD(fd);
	return 0;
}

bool await_done(int fd, const char *path)
{
	char events[4096] __attribute__((aligned(__alignof__(struct inotify_event))));

	while (read(fd, events, sizeof(events)) > 0)
		;
	return access(path, F_OK) == 0;
}

int await_fulfil(const char *path, const char *name, struct error *err)
{
	const struct file_attr attr = { .mode = 0644, .uid = geteuid(), .gid = getegid() };
	char line[128];

	snprintf(line, sizeof(line), "%s\n", name);
	return file_publish(FILE_ROOT, path, line, strlen(line), &attr, NULL, err);
}
