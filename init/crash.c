/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The handler uses async-signal-safe calls only, on a stack of its own.
 */
#include "init/crash.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <unistd.h>

#include "lib/attr.h"

#define STACK_SIZE 65536
/* Time to read the message when not even the new start works. */
#define LAST_SECONDS 30

static const int caught[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGSYS };
static char crash_stack[STACK_SIZE];

static void say(const char *text)
{
	int fd = open("/dev/console", O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return;
	(void)!write(fd, text, strlen(text));
	(void)close(fd);
}

static void handler(int signo)
{
	char number[4] = { (char)('0' + signo / 10), (char)('0' + signo % 10), '\0' };
	char name[] = "init", word[] = CRASH_WORD;
	char *const argv[] = { name, word, number, NULL };
	char *const envp[] = { NULL };
	sigset_t none;

	say("ocicat: PID 1 crashed, starting it again\n");
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)execve("/proc/self/exe", argv, envp);
	say("ocicat: PID 1 cannot be started again: this machine restarts in 30 seconds\n");
	(void)sleep(LAST_SECONDS);
	(void)reboot(RB_AUTOBOOT);
	for (;;)
		(void)pause();
}

void crash_install(void)
{
	stack_t stack = { .ss_sp = crash_stack, .ss_size = sizeof(crash_stack) };
	struct sigaction sa = { .sa_handler = handler, .sa_flags = SA_ONSTACK };

	(void)sigaltstack(&stack, NULL);
	for (size_t i = 0; i < ARRAY_LEN(caught); i++)
		(void)sigaction(caught[i], &sa, NULL);
}

void crash_text(const char *arg, char *text, unsigned long size)
{
	int signo = (int)strtol(arg ? arg : "0", NULL, 10);
	const char *name = sigdescr_np(signo);

	(void)snprintf(text, size, "PID 1 crashed: signal %d (%s)", signo, name ? name : "unknown");
}
