/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ending what is left over of an earlier user Docker.
 */
#include "agent/userdocker/userdocker_left.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/file.h"
#include "lib/proc.h"
#include "lib/scope.h"

#define KILLED_MS 2000

bool userdocker_left_is_daemon(const char *exe)
{
	static const char *const programs[] = { "dockerd", "containerd" };
	static const char gone[] = " (deleted)";
	const char *name = strrchr(exe, '/');
	size_t n;

	name = name ? name + 1 : exe;
	n = strlen(name);
	if (n > sizeof(gone) - 1 && !strcmp(name + n - (sizeof(gone) - 1), gone))
		n -= sizeof(gone) - 1;
	for (size_t i = 0; i < ARRAY_LEN(programs); i++)
		if (n == strlen(programs[i]) && !memcmp(name, programs[i], n))
			return true;
	return false;
}

static bool is_daemon(pid_t pid)
{
	char link[64], exe[256];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/%d/exe", pid);
	n = readlink(link, exe, sizeof(exe) - 1);
	if (n < 0)
		return false;
	exe[n] = '\0';
	return userdocker_left_is_daemon(exe);
}

/* With live-restore neither daemon touches a container when it ends. */
static int stop(pid_t pid, int timeout_ms, struct error *err)
{
	AUTO_CLOSE int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);

	if (pidfd < 0)
		return errno == ESRCH ? 0 : error_sys(err, errno, "process %d", pid);
	/* The number may have gone to another process before we had the descriptor. */
	if (!is_daemon(pid))
		return 0;
	(void)syscall(SYS_pidfd_send_signal, pidfd, SIGTERM, NULL, 0);
	if (proc_gone(pidfd, timeout_ms))
		return 0;
	(void)syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
	if (!proc_gone(pidfd, KILLED_MS))
		return error_set(err, ETIMEDOUT,
				 "process %d of an earlier user Docker does not end", pid);
	return 0;
}

int userdocker_left_stop(int timeout_ms, unsigned *ret_n, struct error *err)
{
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(1u << 20);
	char *end;
	int r;

	*ret_n = 0;
	r = file_read(FILE_ROOT, USERDOCKER_CGROUP "/cgroup.procs", &text, err);
	if (r < 0)
		return r;
	for (const char *at = buf_text(&text); *at; at = end + (*end == '\n')) {
		pid_t pid = (pid_t)strtol(at, &end, 10);

		if (end == at)
			break;
		if (pid <= 1 || !is_daemon(pid))
			continue;
		++*ret_n;
		r = stop(pid, timeout_ms, err);
		if (r < 0)
			return r;
	}
	return 0;
}
