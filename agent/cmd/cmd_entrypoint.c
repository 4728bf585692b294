/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `ros entrypoint [--host] CMD …`: what the containers of the system run first. With --host the
 * command sees the machine itself: PID 1's mount namespace and root, so that a path means the same
 * in PID 1, at the prompt and in `docker run -v` (the container must be in the host's PID
 * namespace).
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "agent/command.h"
#include "lib/proc.h"
#include "lib/scope.h"

/* Enter the mount namespace of PID 1, and its root: after a switch of roots the namespace's own
 * root may be the empty one below. */
static int enter_host(struct error *err)
{
	AUTO_CLOSE int ns = open("/proc/1/ns/mnt", O_RDONLY | O_CLOEXEC);
	AUTO_CLOSE int root = open("/proc/1/root", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (ns < 0 || root < 0)
		return error_sys(err, errno, "PID 1's namespace and root");
	if (setns(ns, CLONE_NEWNS) < 0)
		return error_sys(err, errno, "enter PID 1's mount namespace");
	if (fchdir(root) < 0 || chroot(".") < 0 || chdir("/") < 0)
		return error_sys(err, errno, "enter PID 1's root");
	return 0;
}

static int run(const struct env *env, int argc, char **argv, struct error *err)
{
	int i = 1;

	(void)env;
	if (i < argc && !strcmp(argv[i], "--host")) {
		if (enter_host(err) < 0)
			return COMMAND_FAILED;
		if (setenv("PATH", PROC_PATH, 1) < 0) {
			error_sys(err, errno, "set PATH");
			return COMMAND_FAILED;
		}
		i++;
	}
	if (i < argc && !strcmp(argv[i], "--"))
		i++;
	if (i >= argc) {
		error_set(err, EINVAL, "no command given");
		return COMMAND_USAGE;
	}
	execvp(argv[i], argv + i);
	error_sys(err, errno, "run %s", argv[i]);
	return COMMAND_FAILED;
}

const struct command command_entrypoint = {
	.name = "entrypoint",
	.args = "[--host] CMD …",
	.run = run,
};
