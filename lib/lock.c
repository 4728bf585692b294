/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flock(2) knows no deadline, but an alarm ends it. It is a child that waits, because the alarm of
 * this process is not ours to take; the lock is one of the open file, and so the parent's, too.
 */
#include "lib/lock.h"

#include <errno.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOCK_S 10

static _Noreturn void wait_in_child(int fd)
{
	sigset_t alarm_only;

	(void)sigemptyset(&alarm_only);
	(void)sigaddset(&alarm_only, SIGALRM);
	(void)signal(SIGALRM, SIG_DFL);
	(void)sigprocmask(SIG_UNBLOCK, &alarm_only, NULL);
	(void)alarm(LOCK_S);
	_exit(flock(fd, LOCK_EX) < 0);
}

static int wait_for_lock(int fd, const char *path, struct error *err)
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0)
		wait_in_child(fd);
	if (pid < 0)
		return error_sys(err, errno, "%s", path);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return error_sys(err, errno, "%s", path);
	if (status)
		return error_set(err, EBUSY, "%s is locked by somebody", path);
	return 0;
}

int lock_take(int fd, const char *name, struct error *err)
{
	return flock(fd, LOCK_EX | LOCK_NB) == 0 ? 0 : wait_for_lock(fd, name, err);
}
