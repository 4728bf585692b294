/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `ros console`: what the container `console` runs.
 */
#include "agent/command.h"
#include "agent/console/console.h"

static int run(const struct env *env, int argc, char **argv, struct error *err)
{
	(void)env, (void)argc, (void)argv;
	return console_run(err) < 0 ? COMMAND_FAILED : COMMAND_OK;
}

const struct command command_console = {
	.name = "console",
	.run = run,
};
