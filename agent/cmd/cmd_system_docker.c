/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `system-docker`: the docker command line for System Docker.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/command.h"

#define SOCKET "unix:///var/run/system-docker.sock"

static int run(const struct env *env, int argc, char **argv, struct error *err)
{
	char docker[] = "docker", option[] = "-H", socket[] = SOCKET;
	char **args;

	(void)env;
	if (geteuid() != 0) {
		error_set(err, EPERM, "System Docker is root's (run: sudo system-docker …)");
		return COMMAND_FAILED;
	}
	args = calloc((size_t)argc + 3, sizeof(*args));
	if (!args)
		return error_set(err, ENOMEM, "arguments");
	args[0] = docker;
	args[1] = option;
	args[2] = socket;
	memcpy(args + 3, argv + 1, (size_t)(argc - 1) * sizeof(*args));
	/* A context of the user's would win over -H's host in some commands. */
	(void)unsetenv("DOCKER_CONTEXT");
	(void)unsetenv("DOCKER_HOST");
	execvp(docker, args);
	error_sys(err, errno, "run docker");
	free(args);
	return COMMAND_FAILED;
}

const struct command command_system_docker = {
	.name = "system-docker",
	.alias = "system-docker",
	.args = "DOCKER ARGUMENTS …",
	.help = "The docker command for System Docker, which runs the system's containers.",
	.run = run,
};
