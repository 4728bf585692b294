/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `ros console`: what the container `console` runs, once.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>

#include "agent/command.h"
#include "agent/console/console.h"
#include "lib/file.h"
#include "lib/scope.h"

#define LOCK "/run/ros/console.lock"

static int run(const struct env *env, int argc, char **argv, struct error *err)
{
	AUTO_CLOSE int lock = -1;

	(void)argv;
	/* RancherOS had several consoles, and commands to list and to switch them. */
	if (argc > 1) {
		error_set(err, EINVAL, "there is one console (for an image of your own: "
			  "rancher.services.console.image)");
		return COMMAND_USAGE;
	}
	if (file_open(env->root, LOCK, O_RDWR | O_CREAT, 0600, &lock, err) < 0)
		return COMMAND_FAILED;
	/* A second one would take the first one's log-ins from it. */
	if (flock(lock, LOCK_EX | LOCK_NB) < 0) {
		error_set(err, EBUSY, "the console runs already");
		return COMMAND_FAILED;
	}
	return console_run(err) < 0 ? COMMAND_FAILED : COMMAND_OK;
}

const struct command command_console = {
	.name = "console",
	.run = run,
};
