/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goes through /proc: kill(-1) would end the dead-man as well.
 */
#include "init/killall.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/scope.h"

/* Processes that are no children of ours end unseen: look again after this time at the latest. */
#define LOOK_MS 50

/* A kernel thread has no command line; so has a zombie, which needs no signal either. */
static bool has_cmdline(const char *pid)
{
	AUTO_CLOSE int fd = -1;
	char path[300], c;

	(void)snprintf(path, sizeof(path), "/proc/%s/cmdline", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd >= 0 && read(fd, &c, 1) == 1;
}

/* Returns how many were there to be signalled. */
static size_t signal_all(pid_t spare, int signo)
{
	AUTO_CLOSEDIR DIR *dir = opendir("/proc");
	const struct dirent *e;
	size_t n = 0;

	while (dir && (e = readdir(dir))) {
		pid_t pid = (pid_t)strtol(e->d_name, NULL, 10);

		if (pid <= 1 || pid == spare || !has_cmdline(e->d_name))
			continue;
		if (kill(pid, signo) == 0)
			n++;
	}
	return n;
}

/* Until nobody is left, or the time is over. SIGCHLD is blocked and wakes us up. */
static bool wait_for_all(pid_t spare, int timeout_ms)
{
	int64_t end = clock_ms() + timeout_ms;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	for (;;) {
		const struct timespec ts = { .tv_nsec = LOOK_MS * 1000000L };

		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		if (signal_all(spare, 0) == 0)
			return true;
		if (clock_left_ms(end) == 0)
			return false;
		(void)sigtimedwait(&set, NULL, &ts);
	}
}

void killall_run(pid_t spare, int term_ms, int kill_ms)
{
	(void)signal_all(spare, SIGTERM);
	/* A stopped process hears SIGTERM only when it goes on. */
	(void)signal_all(spare, SIGCONT);
	if (wait_for_all(spare, term_ms))
		return;
	(void)signal_all(spare, SIGKILL);
	(void)wait_for_all(spare, kill_ms);
}
