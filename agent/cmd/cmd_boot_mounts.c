/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `ros boot mounts`: mounts that need the network. The console runs it before runcmd.
 */
#include "agent/command.h"
#include "agent/modules/late.h"
#include "agent/modules/rows.h"

static int run(const struct env *env, int argc, char **argv, struct error *err)
{
	(void)env, (void)argc, (void)argv;
	return late_run(&module_mounts_remote, err) < 0 ? COMMAND_FAILED : COMMAND_OK;
}

const struct command command_boot_mounts = {
	.name = "boot mounts",
	.run = run,
};
