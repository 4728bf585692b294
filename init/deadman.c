/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Forks without exec: nothing of it depends on a disk that may be gone.
 */
#include "init/deadman.h"

#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <unistd.h>

#include "init/console.h"
#include "lib/attr.h"
#include "lib/clock.h"
#include "lib/journal.h"

/* sync(2) does not return from a disk that hangs. */
#define SYNC_MS 3000

static void wait_until(int64_t deadline_ms)
{
	while (clock_left_ms(deadline_ms) > 0)
		(void)poll(NULL, 0, clock_left_ms(deadline_ms));
}

static void sync_for_a_while(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		sync();
		_exit(0);
	}
	for (int64_t end = clock_ms() + SYNC_MS; pid > 0 && clock_left_ms(end) > 0;) {
		if (waitpid(pid, NULL, WNOHANG) != 0)
			return;
		(void)poll(NULL, 0, 50);
	}
}

static NORETURN void run(int timeout_ms, int how)
{
	sigset_t all;

	sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, NULL);
	(void)mlockall(MCL_CURRENT | MCL_FUTURE);
	wait_until(clock_ms() + timeout_ms);
	console_say("shutdown took longer than %d s: ending now", timeout_ms / 1000);
	journal_say(JOURNAL_FAIL, "shutdown", "took longer than %d s", timeout_ms / 1000);
	sync_for_a_while();
	(void)reboot(how);
	(void)reboot(RB_AUTOBOOT);
	_exit(1);
}

pid_t deadman_start(int timeout_ms, int how)
{
	pid_t pid = fork();

	if (pid == 0)
		run(timeout_ms, how);
	return pid;
}
