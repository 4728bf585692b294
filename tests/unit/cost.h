/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a program costs: its time on processors, and the most memory that it had. (ru_maxrss would
 * be at least what the test itself has: it is passed on by exec.)
 */
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/check.h"

struct cost {
	long ms, kib;
	int status; /* of exit */
};

static inline long cost_peak_kib(pid_t pid)
{
	char path[64], line[256];
	long kib = -1;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "VmHWM: %ld", &kib) == 1)
			break;
	if (f)
		(void)fclose(f);
	return kib;
}

static inline void cost_exec(const char *const argv[], const char *log)
{
	int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	char *words[16] = { NULL };

	memcpy(words, argv, sizeof(words) - sizeof(words[0]));
	(void)dup2(fd, STDOUT_FILENO);
	(void)dup2(fd, STDERR_FILENO);
	(void)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	(void)execv(words[0], words);
	_exit(127);
}

/* Run it, at most 15 words of an array of 16; what it says goes to the file `log`. It is stopped
 * for a moment when it ends, while its memory is still there to be asked about. */
static inline struct cost cost_of(const char *const argv[16], const char *log)
{
	const int at_exit = SIGTRAP | PTRACE_EVENT_EXIT << 8;
	struct cost ret = { .kib = -1 };
	struct rusage u = { 0 };
	int status;
	pid_t pid;

	if (access(argv[0], X_OK) < 0)
		fail_msg("there is no %s (make %s)", argv[0], argv[0]);
	/* A child of vfork's kind does not pay for this process' pages. */
	pid = vfork();
	if (pid == 0)
		cost_exec(argv, log);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSTOPPED(status));
	assert_int_equal(ptrace(PTRACE_SETOPTIONS, pid, NULL,
				(void *)(PTRACE_O_TRACEEXIT | PTRACE_O_EXITKILL)),
			 0);
	assert_int_equal(ptrace(PTRACE_CONT, pid, NULL, NULL), 0);
	while (wait4(pid, &status, 0, &u) == pid && WIFSTOPPED(status)) {
		if (status >> 8 == at_exit)
			ret.kib = cost_peak_kib(pid);
		(void)ptrace(PTRACE_CONT, pid, NULL,
			     (void *)(long)(status >> 8 == at_exit ? 0 : WSTOPSIG(status)));
	}
	assert_true(WIFEXITED(status));
	ret.status = WEXITSTATUS(status);
	ret.ms = (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000 +
		 (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1000;
	return ret;
}
