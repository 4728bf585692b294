/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `ros user-docker`: what the container `docker` runs.
 */
#include "agent/command.h"
#include "agent/userdocker/userdocker.h"

static int run(const struct env *env, int argc, char **argv, struct error *err)
{
	(void)env, (void)argc, (void)argv;
	return userdocker_run(err) < 0 ? COMMAND_FAILED : COMMAND_OK;
}

const struct command command_user_docker = {
	.name = "user-docker",
	.run = run,
};
