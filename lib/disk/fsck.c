/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs `e2fsck -p`.
 */
#include "lib/disk/fsck.h"

#include <errno.h>
#include <sys/wait.h>

#include "lib/proc.h"
#include "lib/scope.h"

/* A check of a large disk takes minutes. */
#define FSCK_TIMEOUT_MS (10 * 60 * 1000)
/* Exit codes from here on: damage is left. */
#define FSCK_LEFT 4

int fsck_ext(const char *path, int out, struct error *err)
{
	const char *argv[] = { "e2fsck", "-p", path, NULL };
	struct proc_spec spec = { .argv = argv, .in = -1, .out = out, .err = out };
	AUTO_CLOSE int pidfd = -1;
	int status, r;
	pid_t pid;

	r = proc_spawn(&spec, &pid, &pidfd, err);
	if (r < 0)
		return r;
	r = proc_wait(pid, pidfd, FSCK_TIMEOUT_MS, &status, err);
	if (r < 0)
		return error_wrap(err, r, "e2fsck %s", path);
	if (!WIFEXITED(status) || WEXITSTATUS(status) >= FSCK_LEFT)
		return error_set(err, EUCLEAN,
				 "%s has damage that is not repaired by itself (run: e2fsck -f %s)",
				 path, path);
	return 0;
}
